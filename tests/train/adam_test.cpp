#include "tha4/train/adam.h"

#include <array>
#include <limits>
#include <utility>

#include <gtest/gtest.h>
#include <torch/optim/adamw.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr AdamConfig kWithoutDecay{.beta1 = 0.5, .beta2 = 0.999};

at::Tensor parameter() {
  torch::manual_seed(3);
  return torch::randn({4, 5}).set_requires_grad(true);
}

at::Tensor loss_of(const at::Tensor& parameter, int step) {
  torch::manual_seed(10 + step);
  return (parameter * torch::randn({4, 5})).square().sum();
}

torch::optim::AdamWOptions options_of(const AdamConfig& config, double learning_rate) {
  return torch::optim::AdamWOptions(learning_rate)
      .betas({config.beta1, config.beta2})
      .weight_decay(config.weight_decay);
}

double difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

StateDict copy_of(const StateDict& state) {
  StateDict copy;
  for (const auto& item : state) copy.insert(item.key(), item.value().clone());
  return copy;
}

TEST(Adam, StepsAsTorchsAdamW) {
  for (const double decay : {0.0, 0.3}) {
    AdamConfig config = kWithoutDecay;
    config.weight_decay = decay;
    at::Tensor own = parameter(), torchs = parameter();
    Adam adam({own}, config);
    torch::optim::AdamW reference({torchs}, options_of(config, 1e-2));
    for (int step = 0; step < 5; ++step) {
      adam.zero_grad();
      loss_of(own, step).backward();
      adam.step(1e-2);
      reference.zero_grad();
      loss_of(torchs, step).backward();
      reference.step();
      EXPECT_LE(difference(own, torchs), 1e-6) << "step " << step << ", decay " << decay;
    }
  }
}

// Decay that were part of the gradient would be divided by its own size: a step of the learning rate.
TEST(Adam, WeightDecayIsDecoupledFromTheGradient) {
  const at::Tensor before = parameter().detach();
  at::Tensor value = parameter();
  value.mutable_grad() = torch::zeros_like(before);
  AdamConfig config = kWithoutDecay;
  config.weight_decay = 0.25;
  Adam adam({value}, config);
  adam.step(0.5);
  EXPECT_LE(difference(value, before * (1 - 0.5 * 0.25)), 1e-7);
}

TEST(Adam, GroupsStepWithTheirOwnLearningRates) {
  AdamConfig config = kWithoutDecay;
  config.weight_decay = 0.1;
  at::Tensor fast = parameter(), slow = parameter(), torchs_fast = parameter(), torchs_slow = parameter();
  Adam adam(std::vector<Adam::Group>{{fast}, {slow}}, config);
  torch::optim::AdamW reference_fast({torchs_fast}, options_of(config, 1e-1));
  torch::optim::AdamW reference_slow({torchs_slow}, options_of(config, 1e-3));
  for (int step = 0; step < 2; ++step) {
    adam.zero_grad();
    (loss_of(fast, step) + loss_of(slow, step)).backward();
    adam.step(std::array{1e-1, 1e-3});
    reference_fast.zero_grad();
    reference_slow.zero_grad();
    (loss_of(torchs_fast, step) + loss_of(torchs_slow, step)).backward();
    reference_fast.step();
    reference_slow.step();
  }
  EXPECT_LE(difference(fast, torchs_fast), 1e-6);
  EXPECT_LE(difference(slow, torchs_slow), 1e-6);
  EXPECT_TRUE(adam.state().contains("1.exp_avg")) << "numbers count through the groups";
  EXPECT_THROW(adam.step(std::array{1e-1}), Error);
}

TEST(Adam, ParametersWithoutGradientStayAsTheyAre) {
  at::Tensor used = parameter(), unused = parameter();
  AdamConfig config = kWithoutDecay;
  config.weight_decay = 0.1;
  Adam adam({used, unused}, config);
  EXPECT_THROW(adam.step(1e-2), Error) << "nothing to do";
  loss_of(used, 0).backward();
  EXPECT_EQ(adam.gradients().size(), 1U);
  adam.step(1e-2);
  EXPECT_TRUE(torch::equal(unused, parameter()));
  EXPECT_FALSE(torch::equal(used, parameter()));
}

TEST(Adam, StepThatOverflowsIsLeftOut) {
  at::Tensor value = parameter();
  AdamConfig config = kWithoutDecay;
  config.weight_decay = 0.1;
  Adam adam({value}, config);
  (value * std::numeric_limits<float>::infinity()).sum().backward();
  adam.step(1e-2, torch::ones({}));
  EXPECT_TRUE(torch::equal(value, parameter()));
  for (const auto& item : adam.state()) EXPECT_EQ(item.value().abs().max().item<double>(), 0) << item.key();
  adam.zero_grad();
  loss_of(value, 0).backward();
  adam.step(1e-2, torch::zeros({}));
  EXPECT_EQ(adam.state()["0.step"].item<double>(), 1);
  EXPECT_FALSE(torch::equal(value, parameter()));
}

TEST(Adam, GoesOnFromItsState) {
  at::Tensor whole = parameter();
  Adam adam({whole}, kWithoutDecay);
  loss_of(whole, 0).backward();
  adam.step(1e-2);
  at::Tensor resumed = whole.detach().clone().set_requires_grad(true);
  Adam again({resumed}, kWithoutDecay);
  again.restore(copy_of(adam.state()), "the checkpoint");
  for (const auto& [value, optimizer] : {std::pair(whole, &adam), std::pair(resumed, &again)}) {
    optimizer->zero_grad();
    loss_of(value, 1).backward();
    optimizer->step(1e-2);
  }
  EXPECT_TRUE(torch::equal(whole, resumed));
}

// Of what has not been stepped, checkpoints need hold nothing; and steps may be counted in whole numbers.
TEST(Adam, ParametersThatAStateDoesNotHoldBeginAnew) {
  at::Tensor first = parameter(), second = parameter();
  Adam adam({first, second}, kWithoutDecay);
  (loss_of(first, 0) + loss_of(second, 0)).backward();
  adam.step(1e-2);
  StateDict state;
  state.insert("0.step", torch::tensor(7, torch::kLong));
  state.insert("0.exp_avg", torch::full({4, 5}, 2.0F));
  state.insert("0.exp_avg_sq", torch::full({4, 5}, 3.0F));
  adam.restore(state, "the checkpoint");
  EXPECT_EQ(adam.state()["0.step"].item<double>(), 7);
  EXPECT_EQ(adam.state()["0.exp_avg_sq"].min().item<double>(), 3);
  for (const char* key : {"1.step", "1.exp_avg", "1.exp_avg_sq"}) {
    EXPECT_EQ(adam.state()[key].abs().max().item<double>(), 0) << key;
  }
}

TEST(Adam, StateThatDoesNotFitIsRefusedAndNothingChanges) {
  at::Tensor first = parameter(), second = parameter(), other = torch::zeros({2}).set_requires_grad(true);
  Adam adam({first, second}, kWithoutDecay), wrong({first, other}, kWithoutDecay);
  (loss_of(first, 0) + loss_of(second, 0)).backward();
  adam.step(1e-2);
  const StateDict before = copy_of(adam.state());
  EXPECT_THROW(adam.restore(wrong.state(), "the checkpoint"), InputError);
  StateDict part = copy_of(wrong.state());
  part.erase("1.exp_avg_sq");
  part["1.exp_avg"] = torch::zeros({4, 5});
  EXPECT_THROW(adam.restore(part, "the checkpoint"), InputError) << "half of what a parameter needs";
  for (const auto& item : before) EXPECT_TRUE(torch::equal(item.value(), adam.state()[item.key()]));
}

TEST(Adam, NormIsThatOfAllTensorsTogether) {
  EXPECT_NEAR(norm_of({torch::full({2, 2}, 3.0F), torch::full({4}, -4.0F)}).item<double>(), 10, 1e-6);
}

}  // namespace
}  // namespace tha4
