#include "tha4/train/loss_scale.h"

#include <limits>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

double scale_of(const LossScale& scale) {
  return scale.state()["loss_scale"].item<double>();
}

TEST(LossScale, GradientsOfTheScaledLossAreThoseOfTheLoss) {
  at::Tensor value = torch::tensor({1.0F, -2.0F}).set_requires_grad(true);
  LossScale scale(torch::kCPU);
  scale.scaled(value.square().sum()).backward();
  const std::vector<at::Tensor> gradients = {value.grad()};
  EXPECT_GT(value.grad().abs().max().item<double>(), 1000) << "far from what float16 takes for zero";
  EXPECT_EQ(scale.unscale(gradients).item<double>(), 0);
  EXPECT_TRUE(torch::equal(value.grad(), torch::tensor({2.0F, -4.0F})));
}

TEST(LossScale, OverflowHalvesItAndManyGoodStepsDoubleIt) {
  LossScale scale(torch::kCPU);
  const double first = scale_of(scale);
  for (const float value :
       {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const double before = scale_of(scale);
    EXPECT_EQ(scale.unscale({torch::ones({3}), torch::full({2}, value)}).item<double>(), 1);
    EXPECT_EQ(scale_of(scale), before / 2);
  }
  int steps = 0;
  for (; scale_of(scale) < first / 2 && steps < 10'000; ++steps) scale.unscale({torch::ones({1})});
  EXPECT_EQ(scale_of(scale), first / 2);
  EXPECT_GT(steps, 100);
}

TEST(LossScale, GoesOnFromItsState) {
  LossScale scale(torch::kCPU), again(torch::kCPU);
  scale.unscale({torch::full({1}, std::numeric_limits<float>::infinity())});
  scale.unscale({torch::ones({1})});
  again.restore(scale.state(), "the checkpoint");
  EXPECT_EQ(scale_of(again), scale_of(scale));
  EXPECT_EQ(again.state()["good_steps"].item<int>(), 1);
  EXPECT_THROW(again.restore(StateDict(), "the checkpoint"), InputError);
}

}  // namespace
}  // namespace tha4
