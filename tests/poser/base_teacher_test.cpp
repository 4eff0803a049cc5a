#include "tha4/poser/base_teacher.h"

#include <array>

#include "input_error_message.h"
#include <gtest/gtest.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

TEST(BaseTeacher, IsInTheFirstRootThatHasIt) {
  const fs::path folder = fs::path(::testing::TempDir()) / "base_teacher";
  fs::remove_all(folder);
  const std::array<fs::path, 2> roots = {folder / "installed", folder / "source"};
  fs::create_directories(roots[1] / "data" / "teacher");
  EXPECT_EQ(base_teacher_folder(roots), roots[1] / "data" / "teacher");
  fs::create_directories(roots[0] / "data" / "teacher");
  EXPECT_EQ(base_teacher_folder(roots), roots[0] / "data" / "teacher");
}

TEST(BaseTeacher, WhereItIsMissingTheMessageSaysWhatToName) {
  const std::array<fs::path, 1> roots = {fs::path(::testing::TempDir()) / "no_such_root"};
  const std::string text = input_error_message([&] { base_teacher_folder(roots); });
  for (const char* part : {"data/teacher", "a folder", "a rig"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace tha4
