#include <filesystem>
#include <memory>

#include "readers.h"
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "tha4/base/atomic_file.h"

// The files that fuzzers begin with must be read, or they would show little. Those in kept once made a reader
// fail.

namespace tha4::fuzz {
namespace {

namespace fs = std::filesystem;

/// Nobody wants to see what is said of damaged files.
class SilentLog {
 public:
  SilentLog() : before_(spdlog::get_level()) { spdlog::set_level(spdlog::level::off); }
  ~SilentLog() { spdlog::set_level(before_); }
  SilentLog(const SilentLog&) = delete;
  SilentLog& operator=(const SilentLog&) = delete;

 private:
  spdlog::level::level_enum before_;
};

TEST(FuzzedReaders, ReadTheirSeeds) {
  const SilentLog silent;
  for (const FileReader& reader : file_readers()) {
    const auto seeds = reader.seeds();
    EXPECT_FALSE(seeds.empty()) << reader.name;
    for (std::size_t i = 0; i < seeds.size(); ++i) {
      EXPECT_NO_THROW(reader.read(seeds[i])) << reader.name << ", seed " << i;
    }
  }
}

TEST(FuzzedReaders, ReadOrRefuseKeptInputs) {
  const SilentLog silent;
  int count = 0;
  for (const fs::directory_entry& folder :
       fs::directory_iterator(fs::path(THA4_SOURCE_DIR) / "tests/fuzz/kept")) {
    const FileReader& reader = file_reader(folder.path().filename().string());
    for (const fs::directory_entry& file : fs::directory_iterator(folder)) {
      EXPECT_NO_THROW(reads(reader, read_text_file(file.path()))) << file.path();
      ++count;
    }
  }
  EXPECT_GT(count, 0);
}

/// Whatever a message repeats of a file is made printable.
TEST(FuzzedReaders, CutSeedsAreReadOrRefused) {
  const SilentLog silent;
  for (const FileReader& reader : file_readers()) {
    for (const std::string& seed : reader.seeds()) {
      for (std::size_t part = 0; part < 16; ++part) {
        EXPECT_NO_THROW(reads(reader, seed.substr(0, seed.size() * part / 16)))
            << reader.name << ", " << part << "/16";
      }
    }
  }
}

}  // namespace
}  // namespace tha4::fuzz
