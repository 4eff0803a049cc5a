#include "blended_loss.h"

#include "some_frames.h"
#include <gtest/gtest.h>
#include <torch/types.h>

namespace tha4 {
namespace {

TEST(BlendedFrames, LookAtThePartThatIsDrawn) {
  torch::manual_seed(1);
  const BlendedFrames frames(some_frames(), torch::zeros({4, kImageSize, kImageSize}), torch::kCPU);
  const Region& region = frames.window().region;
  EXPECT_LE(region.x, 150);
  EXPECT_LE(region.y, 100);
  EXPECT_GE(region.x + region.width, 220);
  EXPECT_GE(region.y + region.height, 300);
  EXPECT_LT(region.width * region.height, 300 * 150);
}

TEST(BlendedFrames, HaveSpansOfAllThatIsDrawn) {
  TeacherFrames teacher = some_frames();
  teacher.blended.narrow(2, 120, 10).fill_(-1);
  teacher.blended.narrow(2, 180, 1).narrow(3, 160, 40).fill_(-1);
  const BlendedFrames frames(teacher, torch::zeros({4, kImageSize, kImageSize}), torch::kCPU);
  const Region& region = frames.window().region;
  ASSERT_EQ(std::ssize(frames.spans()), region.height);
  const auto at = [&](int y) { return frames.spans()[static_cast<std::size_t>(y - region.y)]; };
  for (const int y : {100, 180, 299}) {
    EXPECT_LE(region.x + at(y).begin, 150) << y;
    EXPECT_GE(region.x + at(y).end, 220) << y;
    EXPECT_LE(at(y).end, region.width) << y;
  }
  EXPECT_EQ(at(125).begin, at(125).end) << "nothing is drawn near this row";
}

}  // namespace
}  // namespace tha4
