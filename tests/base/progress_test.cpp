#include "tha4/base/progress.h"

#include <regex>
#include <string>

#include <gtest/gtest.h>

namespace tha4 {
namespace {

/// What \p work shows on the standard error stream, which is a file meanwhile.
template <class Work>
std::string shown(Work work) {
  testing::internal::CaptureStderr();
  work();
  return testing::internal::GetCapturedStderr();
}

TEST(Progress, IsPlainLinesWhereThereIsNoTerminal) {
  const std::string line = shown([] {
    Progress progress("teacher's frames", 10, "frames");
    progress.update(0);
    progress.update(4, "loss 0.5");
    progress.update(10, "loss 0.25");
    progress.finish();
    progress.finish();
  });
  EXPECT_TRUE(std::regex_match(
      line, std::regex("teacher's frames: 10/10 frames, [0-9.e+]+ frames/s, took [0-9]+ s, loss 0.25\n")))
      << line;
}

TEST(Progress, ShowsHowFarUnfinishedWorkCame) {
  const std::string line = shown([] {
    Progress progress("frames", 10, "frames");
    progress.update(2);
    progress.update(4);
  });
  EXPECT_TRUE(std::regex_match(line, std::regex("frames: 4/10 frames, [0-9.e+]+ frames/s, [^,]+ left\n")))
      << line;
}

TEST(Progress, TellsNoRateOfWorkThatAnotherProcessDid) {
  const std::string line = shown([] {
    Progress progress("frames", 10, "frames");
    progress.update(4);
  });
  EXPECT_EQ(line, "frames: 4/10 frames, 0 frames/s\n");
}

TEST(Progress, ShowsNothingWhenItIsTurnedOffOrNeverUpdated) {
  EXPECT_EQ(shown([] { const Progress progress("frames", 10, "frames"); }), "");
  set_progress_visible(false);
  EXPECT_EQ(shown([] { Progress("frames", 10, "frames").update(10); }), "");
  set_progress_visible(true);
}

}  // namespace
}  // namespace tha4
