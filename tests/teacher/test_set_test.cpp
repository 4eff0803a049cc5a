#include "tha4/teacher/test_set.h"

#include "data/random_triples.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/image/compositing.h"

namespace tha4 {
namespace {

constexpr int kSide = 16;

/// An opaque picture of one grey, \p value in [-1, 1].
at::Tensor grey(double value) {
  at::Tensor image = torch::full({1, 4, kSide, kSide}, value);
  image.narrow(1, 3, 1).fill_(1);
  return image;
}

/// Makes pictures that get lighter in the order in which a sample shows them.
class GreyTask final : public NetworkTask {
 public:
  std::vector<NamedNetwork> networks() const override { return {}; }
  PoseStep step() const override { return PoseStep::body; }
  TaskOutput run(const TripleBatch&, const TrainingPhase&) override {
    const at::Tensor blended = grey(0.9);
    return {.input = grey(-1),
            .target = grey(-0.95),
            .result = blended,
            .images = {{"warped", grey(-0.85)}, {"blended", blended}, {"direct", grey(-0.6)}},
            .alpha = torch::full({1, 1, kSide, kSide}, 0.75)};
  }
};

TEST(TestSet, SampleShowsRestPosedWarpedDirectAlphaAndBlended) {
  ProcessGroup alone;
  RandomTriples triples(1);
  GreyTask task;
  const RgbaImage sample = TestSet(triples, 1, alone, torch::kCPU).sample_picture(task, {});
  constexpr int kColumns = 6;
  ASSERT_EQ(sample.width, kSheetGap + kColumns * (kSide + kSheetGap));
  int level_before = -1;
  for (int column = 0; column < kColumns; ++column) {
    const int x = kSheetGap + column * (kSide + kSheetGap) + kSide / 2;
    const int y = kSheetGap + kSheetLabelHeight + kSide / 2;
    const int level = sample.pixels[(static_cast<std::size_t>(y) * static_cast<std::size_t>(sample.width) +
                                     static_cast<std::size_t>(x)) *
                                    4];
    EXPECT_GT(level, level_before) << "column " << column;
    level_before = level;
  }
}

}  // namespace
}  // namespace tha4
