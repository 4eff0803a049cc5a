#include "tha4/train/weight_average.h"

#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

at::Tensor weight(float value) {
  return torch::full({2}, value).set_requires_grad(true);
}

void set(const at::Tensor& parameter, float value) {
  const torch::NoGradGuard no_grad;
  parameter.fill_(value);
}

TEST(WeightAverage, FollowsTheWeightsQuicklyAtFirstAndThenWithItsDecay) {
  at::Tensor parameter = weight(1);
  WeightAverage average({parameter}, 0.25);
  double expected = 1;
  for (int step = 0; step < 6; ++step) {
    set(parameter, static_cast<float>(step));
    average.update();
    const double decay = std::min(0.25, (1.0 + step) / (10.0 + step));
    expected = decay * expected + (1 - decay) * step;
    EXPECT_NEAR(average.values()[0][1].item<double>(), expected, 1e-6) << step;
  }
}

TEST(WeightAverage, IsInPlaceOnlyWhileItIsUsed) {
  at::Tensor parameter = weight(1);
  WeightAverage average({parameter}, 0.5);
  set(parameter, 5);
  const auto seen = average.while_in_place([&] { return parameter[0].item<double>(); });
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(parameter[0].item<double>(), 5);
  EXPECT_THROW(average.while_in_place([&]() -> int { throw std::runtime_error("broken"); }),
               std::runtime_error);
  EXPECT_EQ(parameter[0].item<double>(), 5);
  EXPECT_EQ(average.values()[0][0].item<double>(), 1);
}

TEST(WeightAverage, GoesOnFromItsState) {
  at::Tensor parameter = weight(1);
  WeightAverage average({parameter}, 0.5);
  set(parameter, 4);
  for (int step = 0; step < 3; ++step) average.update();
  WeightAverage again({parameter}, 0.5);
  again.restore(average.state(), "the checkpoint");
  set(parameter, -1);
  average.update();
  again.update();
  EXPECT_TRUE(torch::equal(again.values()[0], average.values()[0]));
  WeightAverage other({torch::zeros({3})}, 0.5);
  EXPECT_THROW(other.restore(average.state(), "the checkpoint"), InputError);
}

}  // namespace
}  // namespace tha4
