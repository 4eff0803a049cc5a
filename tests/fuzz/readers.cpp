#include "readers.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "reader_lists.h"
#include <spdlog/spdlog.h>
#include <stdlib.h>

namespace tha4::fuzz {
namespace {

namespace fs = std::filesystem;

/// A folder that goes with the process.
class OwnFolder {
 public:
  OwnFolder() : path_((fs::temp_directory_path() / "tha4_fuzz_XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no folder can be made: " + path_);
  }
  ~OwnFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;

  fs::path path() const { return path_; }

 private:
  std::string path_;
};

bool is_printable_line(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 127; });
}

}  // namespace

const std::vector<FileReader>& file_readers() {
  static const std::vector<FileReader> all = [] {
    std::vector<FileReader> readers;
    for (const auto& part :
         {weights_readers(), picture_readers(), avatar_readers(), dataset_readers(), text_readers()}) {
      readers.insert(readers.end(), part.begin(), part.end());
    }
    return readers;
  }();
  return all;
}

const FileReader& file_reader(const std::string& name) {
  for (const FileReader& reader : file_readers()) {
    if (reader.name == name) return reader;
  }
  throw std::out_of_range("no reader is called " + name);
}

bool reads(const FileReader& reader, const std::string& bytes) {
  try {
    reader.read(bytes);
    return true;
  } catch (const InputError& error) {
    check_message(error);
    return false;
  }
}

void check_message(const InputError& error) {
  const std::string message = error.what();
  if (message.empty() || !is_printable_line(message)) {
    throw std::logic_error("a message that is no printable line: " + message);
  }
}

fs::path scratch_file(const std::string& name, const std::string& bytes) {
  static const OwnFolder folder;
  const fs::path file = folder.path() / name;
  fs::create_directories(file.parent_path());
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  stream.close();
  if (!stream) throw std::runtime_error("cannot write " + file.string());
  return file;
}

}  // namespace tha4::fuzz
