// The entry of every test program. Each process writes into a temporary folder of its own, so that programs,
// and shards of one program, can run at the same time.

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "tha4/base/device.h"

namespace {

/// Where testing::TempDir() points while it lives.
class OwnTempFolder {
 public:
  OwnTempFolder() : path_(testing::TempDir() + "tha4_XXXXXX") {
    if (::mkdtemp(path_.data()) != nullptr) ::setenv("TEST_TMPDIR", path_.c_str(), 1);
  }
  ~OwnTempFolder() {
    std::error_code failure;  // what a test has left unreadable stays
    std::filesystem::remove_all(path_, failure);
  }
  OwnTempFolder(const OwnTempFolder&) = delete;
  OwnTempFolder& operator=(const OwnTempFolder&) = delete;

 private:
  std::string path_;
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  tha4::parse_device("auto");  // before tests draw random numbers, see there
  const OwnTempFolder folder;
  return RUN_ALL_TESTS();
}
