#include "tha4/evaluation/validation_set.h"

#include <map>

#include "data/random_triples.h"
#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/image/compositing.h"
#include "tha4/metrics/psnr.h"

namespace tha4 {
namespace {

constexpr int kSide = 16;

/// An opaque picture of one grey, \p value in [-1, 1].
at::Tensor grey(double value) {
  at::Tensor image = torch::full({1, 4, kSide, kSide}, value);
  image.narrow(1, 3, 1).fill_(1);
  return image;
}

/// Pictures that get lighter in the order in which a sample shows them.
MadeImages lighter_and_lighter(const TripleBatch&) {
  const at::Tensor blended = grey(0.9);
  return {.input = grey(-1),
          .target = grey(-0.95),
          .result = blended,
          .images = {{"warped", grey(-0.85)}, {"blended", blended}, {"direct", grey(-0.6)}},
          .alpha = torch::full({1, 1, kSide, kSide}, 0.75)};
}

TEST(ValidationSet, SampleShowsRestPosedWarpedDirectAlphaAndBlended) {
  ProcessGroup alone;
  RandomTriples triples(1);
  const RgbaImage sample = ValidationSet(triples, 1, alone, torch::kCPU).sample_picture(lighter_and_lighter);
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

TEST(ValidationSet, APerfectImageCountsAsAHundredDecibels) {
  ProcessGroup alone;
  RandomTriples triples(1);
  const ImageMaker perfect = [](const TripleBatch&) {
    return MadeImages{
        .input = grey(-1), .target = grey(-0.95), .result = grey(-0.95), .images = {}, .alpha = {}};
  };
  std::map<std::string, double> scores;
  for (const Measure& measure : ValidationSet(triples, 1, alone, torch::kCPU).score(perfect)) {
    scores[measure.name] = measure.value;
  }
  EXPECT_EQ(scores.size(), 6U);
  EXPECT_EQ(scores["validation_psnr"], 100);
  EXPECT_NEAR(scores["validation_ssim"], 1, 1e-9);
  EXPECT_EQ(scores["validation_rest_psnr"], network_psnr(grey(-1), grey(-0.95)).item<double>());
  EXPECT_LT(scores["validation_rest_ssim"], 1);
  EXPECT_EQ(scores["validation_moved_psnr"], 100);
  EXPECT_NEAR(scores["validation_rest_moved_psnr"], scores["validation_rest_psnr"], 1e-5);
}

}  // namespace
}  // namespace tha4
