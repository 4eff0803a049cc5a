// Writes the files that fuzzers begin with: write_seeds FOLDER makes FOLDER/READER/NUMBER.

#include <cstdio>
#include <exception>
#include <filesystem>

#include "readers.h"

#include "tha4/base/atomic_file.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_seeds FOLDER\n");
    return 2;
  }
  try {
    for (const tha4::fuzz::FileReader& reader : tha4::fuzz::file_readers()) {
      int number = 0;
      for (const std::string& seed : reader.seeds()) {
        tha4::write_text_file(std::filesystem::path(argv[1]) / reader.name / std::to_string(number++), seed);
      }
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "write_seeds: error: %s\n", error.what());
    return 1;
  }
}
