#include <cstdio>
#include <filesystem>

#include <gtest/gtest.h>
#include <torch/types.h>
#include <unistd.h>

#include "tha4/base/peak_memory.h"
#include "tha4/nn/teacher/teacher.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// Makes a teacher's networks, saves and loads them, and ends the process: with 0 if it never took more than
/// 2 GiB.
[[noreturn]] void make_save_load_and_exit(Architecture architecture, const fs::path& folder) {
  for (const NamedNetwork& network : make_teacher(architecture).networks()) {
    write_weights(folder / (network.name + ".pt"), state_dict_of(*network.network));
  }
  load_teacher(folder, architecture);
  const auto used = peak_memory_used(c10::Device(c10::kCPU));
  std::fprintf(stderr, "at most %lld bytes were used", static_cast<long long>(used.value_or(-1)));
  ::_exit(!used || *used <= std::int64_t{2} << 30 ? 0 : 1);
}

class TeacherMemory : public ::testing::Test {
 protected:
  // In processes of their own: this one may have used more before.
  TeacherMemory() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  ~TeacherMemory() override { fs::remove_all(folder_); }

  fs::path folder_ = fs::path(::testing::TempDir()) / "full_size_teacher";
};

TEST_F(TeacherMemory, AFullSizeTeacherIsMadeSavedAndLoadedWithinTwoGibibytes) {
  EXPECT_EXIT(make_save_load_and_exit(Architecture::tha4, folder_), ::testing::ExitedWithCode(0),
              "bytes were used");
}

TEST_F(TeacherMemory, AFullSizeTha3TeacherIsMadeSavedAndLoadedWithinTwoGibibytes) {
  EXPECT_EXIT(make_save_load_and_exit(Architecture::tha3, folder_), ::testing::ExitedWithCode(0),
              "bytes were used");
}

}  // namespace
}  // namespace tha4
