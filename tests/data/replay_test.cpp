#include "tha4/data/replay.h"

#include <set>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

constexpr PictureView kEyebrows{.region = kEyebrowCrop};

/// Whole pictures of levels that name them: \p first and those after it.
PackedTriples numbered(int first, int count) {
  PackedTriples triples;
  triples.rest = torch::arange(first, first + count, torch::kUInt8)
                     .view({count, 1, 1, 1})
                     .expand({count, kImageSize, kImageSize, 4})
                     .clone();
  triples.posed = triples.rest + 100;
  triples.poses =
      torch::arange(first, first + count, torch::kFloat).view({count, 1}).expand({count, kPoseSize}).clone();
  return triples;
}

std::set<int> numbers_in(const Replay& replay) {
  std::set<int> numbers;
  const PackedTriples drawn = replay.draw(7, 400);
  for (std::int64_t i = 0; i < drawn.count(); ++i) {
    const int number = drawn.rest[i][0][0][0].item<int>();
    EXPECT_EQ(drawn.posed[i][5][5][3].item<int>(), (number + 100) % 256);
    EXPECT_EQ(drawn.poses[i][44].item<float>(), static_cast<float>(number));
    numbers.insert(number);
  }
  return numbers;
}

TEST(Replay, KeepsTheNewestAndWhatBelongsTogether) {
  Replay replay(kEyebrows, 5, torch::kCPU);
  replay.add(numbered(0, 3));
  EXPECT_EQ(replay.size(), 3);
  EXPECT_EQ(numbers_in(replay), (std::set<int>{0, 1, 2}));
  replay.add(numbered(3, 4));  // over the end
  EXPECT_EQ(replay.size(), 5);
  EXPECT_EQ(replay.added(), 7);
  EXPECT_EQ(numbers_in(replay), (std::set<int>{2, 3, 4, 5, 6}));
  replay.add(numbered(10, 12));  // more than it holds
  EXPECT_EQ(numbers_in(replay), (std::set<int>{17, 18, 19, 20, 21}));
}

TEST(Replay, GrowsWithoutLosingAnything) {
  Replay replay(kEyebrows, 1000, torch::kCPU);
  replay.add(numbered(0, 100));
  replay.add(numbered(0, 100));
  replay.add(numbered(100, 100));  // beyond what it had room for
  EXPECT_EQ(replay.size(), 300);
  const std::set<int> numbers = numbers_in(replay);
  EXPECT_GT(numbers.size(), 120);
  EXPECT_LT(*numbers.begin(), 100);
  EXPECT_GE(*numbers.rbegin(), 100);
}

TEST(Replay, KeepsWhatTheViewShows) {
  Replay replay({.halved = true}, 4, torch::kCPU);
  PackedTriples triple = numbered(200, 1);
  triple.rest.narrow(1, 0, 256).fill_(255);  // the upper half white and opaque
  triple.rest.narrow(1, 256, 256).fill_(0);
  replay.add(triple);
  const at::Tensor kept = replay.draw(1, 1).rest;
  ASSERT_EQ(kept.sizes(), (std::vector<std::int64_t>{1, 256, 256, 4}));
  EXPECT_EQ(kept.narrow(1, 0, 128).min().item<int>(), 255);
  EXPECT_EQ(kept.narrow(1, 128, 128).max().item<int>(), 0);
}

TEST(Replay, KeepsTheMotionAtTheSizeOfTheView) {
  Replay replay({.halved = true}, 4, torch::kCPU);
  PackedTriples triples = numbered(1, 2);
  const at::Tensor numbers = triples.poses.narrow(1, 0, 1).view({2, 1, 1, 1});
  triples.motion.flow = (numbers * 0.25).expand({2, kImageSize, kImageSize, 2}).to(torch::kHalf);
  triples.motion.surface = torch::ones({2, kImageSize, kImageSize}, torch::kUInt8);
  triples.motion.surface.narrow(2, 101, 200).fill_(2);  // from the middle of a halved pixel on
  replay.add(triples);
  const PackedTriples drawn = replay.draw(3, 20);
  ASSERT_EQ(drawn.motion.surface.sizes(), (std::vector<std::int64_t>{20, 256, 256}));
  const at::Tensor expected = (drawn.poses.narrow(1, 0, 1) * 0.25).view({20, 1, 1, 1});
  EXPECT_TRUE(drawn.motion.flow.to(torch::kFloat).equal(expected.expand({20, 256, 256, 2})));
  const at::Tensor row = drawn.motion.surface[0][7];
  EXPECT_EQ(row[49].item<int>(), 1);
  EXPECT_EQ(row[50].item<int>(), 0);
  EXPECT_EQ(row[51].item<int>(), 2);
  EXPECT_THROW(replay.add(numbered(1, 1)), Error);
}

TEST(Replay, DrawsTheSameForASeed) {
  Replay replay(kEyebrows, 50, torch::kCPU);
  replay.add(numbered(0, 50));
  EXPECT_TRUE(replay.draw(3, 20).poses.equal(replay.draw(3, 20).poses));
  EXPECT_FALSE(replay.draw(3, 20).poses.equal(replay.draw(4, 20).poses));
}

TEST(Replay, RefusesToHoldNothingAndToDrawFromNothing) {
  EXPECT_THROW(Replay(kEyebrows, 0, torch::kCPU), InputError);
  EXPECT_THROW(Replay(kEyebrows, 5, torch::kCPU).draw(1, 1), Error);
}

// A student's face and a teacher's lie in the middle of what is kept around them.
TEST(PictureView, MarginIsTheSameOnAllSides) {
  const PictureView face{.region = kTeacherFaceCrop};
  const PictureView wide = with_margin(face, 20);
  EXPECT_EQ(wide.region, (Region{140, 12, 232, 232}));
  EXPECT_EQ(with_margin(face, 100).region, (Region{128, 0, 256, 256}));  // the picture's edge is 32 away
  EXPECT_EQ(with_margin({.halved = true}, 100), (PictureView{.halved = true}));
}

}  // namespace
}  // namespace tha4
