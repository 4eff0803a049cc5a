#include "tha4/train/fused_adam.h"

#include <gtest/gtest.h>
#include <torch/optim/adam.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr AdamConfig kConfig{.beta1 = 0.5, .beta2 = 0.999};

at::Tensor parameter() {
  torch::manual_seed(3);
  return torch::randn({4, 5}).set_requires_grad(true);
}

at::Tensor loss_of(const at::Tensor& parameter, int step) {
  torch::manual_seed(10 + step);
  return (parameter * torch::randn({4, 5})).square().sum();
}

TEST(FusedAdam, StepsAsTorchsAdam) {
  at::Tensor own = parameter(), torchs = parameter();
  FusedAdam adam({own}, kConfig);
  torch::optim::Adam reference({torchs}, torch::optim::AdamOptions(1e-2).betas({0.5, 0.999}));
  for (int step = 0; step < 5; ++step) {
    adam.zero_grad();
    loss_of(own, step).backward();
    const double norm = own.grad().norm().item<double>();
    EXPECT_NEAR(adam.step(1e-2).gradient_norm.item<double>(), norm, 1e-5 * norm);
    reference.zero_grad();
    loss_of(torchs, step).backward();
    reference.step();
    EXPECT_LE((own - torchs).abs().max().item<double>(), 1e-6) << step;
  }
}

TEST(FusedAdam, ParametersWithoutGradientStayAsTheyAre) {
  at::Tensor used = parameter(), unused = parameter();
  FusedAdam adam({used, unused}, kConfig);
  loss_of(used, 0).backward();
  adam.step(1e-2);
  EXPECT_TRUE(torch::equal(unused, parameter()));
  EXPECT_FALSE(torch::equal(used, parameter()));
}

TEST(FusedAdam, ScaledLossGivesTheSameSteps) {
  at::Tensor plain = parameter(), scaled = parameter();
  FusedAdam adam({plain}, kConfig), with_scale({scaled}, kConfig, /*scales_loss=*/true);
  for (int step = 0; step < 3; ++step) {
    adam.zero_grad();
    with_scale.zero_grad();
    loss_of(plain, step).backward();
    (loss_of(scaled, step) * with_scale.loss_scale()).backward();
    EXPECT_NEAR(adam.step(1e-2).gradient_norm.item<double>(),
                with_scale.step(1e-2).gradient_norm.item<double>(), 1e-3);
  }
  EXPECT_LE((plain - scaled).abs().max().item<double>(), 1e-6);
}

TEST(FusedAdam, StepThatOverflowsIsLeftOutAndLowersTheScale) {
  at::Tensor value = parameter();
  FusedAdam adam({value}, kConfig, /*scales_loss=*/true);
  const double scale = adam.loss_scale().item<double>();
  (value * std::numeric_limits<float>::infinity()).sum().backward();
  const AdamStep left_out = adam.step(1e-2);
  EXPECT_EQ(left_out.count.item<double>(), 0);
  EXPECT_EQ(left_out.gradient_norm.item<double>(), 0);
  EXPECT_TRUE(torch::equal(value, parameter()));
  EXPECT_EQ(adam.loss_scale().item<double>(), scale / 2);
  EXPECT_EQ(adam.state()["0.step"].item<double>(), 0);
  adam.zero_grad();
  (loss_of(value, 0) * adam.loss_scale()).backward();
  EXPECT_EQ(adam.step(1e-2).count.item<double>(), 1);
  EXPECT_TRUE(value.isfinite().all().item<bool>());
  EXPECT_FALSE(torch::equal(value, parameter()));
}

TEST(FusedAdam, StateOfAnotherNetworkIsRefused) {
  at::Tensor value = parameter(), other = torch::zeros({2}).set_requires_grad(true);
  FusedAdam adam({value}, kConfig), wrong({other}, kConfig);
  EXPECT_THROW(adam.restore(wrong.state(), "the checkpoint"), InputError);
}

}  // namespace
}  // namespace tha4
