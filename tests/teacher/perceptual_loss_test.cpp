#include "tha4/teacher/perceptual_loss.h"

#include <filesystem>

#include "narrow_vgg16.h"
#include <gtest/gtest.h>
#include <torch/types.h>

namespace tha4 {
namespace {

class PerceptualLossTest : public ::testing::Test {
 protected:
  PerceptualLossTest() : backbone_(narrow_vgg16_backbone("perceptual_loss")) {
    torch::manual_seed(2);
    image_ = torch::rand({2, 4, 32, 32}) * 2 - 1;
    target_ = torch::rand({2, 4, 32, 32}) * 2 - 1;
  }

  double estimate(double rgb_probability, std::uint64_t seed) const {
    std::mt19937_64 draws(seed);
    return PerceptualLoss(backbone_, rgb_probability)({image_}, target_, draws).front().item<double>();
  }

  Backbone backbone_;
  at::Tensor image_;
  at::Tensor target_;
};

TEST_F(PerceptualLossTest, IsNothingBetweenEqualImages) {
  target_ = image_;
  EXPECT_EQ(estimate(1, 0), 0);
  EXPECT_EQ(estimate(0, 0), 0);
}

// What colours and alpha add up to is compared with PyTorch's in step_parity_test.cpp.
TEST_F(PerceptualLossTest, LooksAtColoursOrAtAlpha) {
  target_ = image_.clone();
  target_.narrow(1, 0, 3).neg_();
  EXPECT_GT(estimate(1, 0), 0);
  EXPECT_EQ(estimate(0, 0), 0);
  target_ = image_.clone();
  target_.narrow(1, 3, 1).neg_();
  EXPECT_EQ(estimate(1, 0), 0);
  EXPECT_GT(estimate(0, 0), 0);
}

// Of colours and alpha one is evaluated, scaled with the reciprocal of its probability: on average that is Φ.
TEST_F(PerceptualLossTest, DrawsOnePartAtATimeAndScalesIt) {
  const double rgb = estimate(1, 0), aaa = estimate(0, 0);
  constexpr int kDraws = 400;
  int rgb_draws = 0;
  for (int seed = 0; seed < kDraws; ++seed) {
    const double value = estimate(0.75, static_cast<std::uint64_t>(seed));
    const bool is_rgb = std::abs(value - rgb / 0.75) < std::abs(value - aaa / 0.25);
    rgb_draws += is_rgb ? 1 : 0;
    EXPECT_NEAR(value, is_rgb ? rgb / 0.75 : aaa / 0.25, 1e-4 * value);
  }
  // Four standard deviations of the binomial distribution.
  EXPECT_NEAR(rgb_draws, 0.75 * kDraws, 4 * std::sqrt(kDraws * 0.75 * 0.25));
}

TEST_F(PerceptualLossTest, GradientsReachTheImageAlone) {
  image_.set_requires_grad(true);
  target_.set_requires_grad(true);
  std::mt19937_64 draws(0);
  PerceptualLoss(backbone_, 1)({image_}, target_, draws).front().backward();
  EXPECT_GT(image_.grad().abs().sum().item<double>(), 0);
  EXPECT_FALSE(target_.grad().defined());
}

}  // namespace
}  // namespace tha4
