#include "kernel_training.h"

#include <algorithm>
#include <cmath>

#include <torch/types.h>

#include "tha4/distill/siren_training.h"

namespace tha4 {
namespace {

template <class Config>
KernelPace pace_from(const Config& config) {
  return {.examples = config.examples,
          .batch = config.batch,
          .seed = config.seed,
          .adam = config.adam,
          .learning_rate = config.learning_rate,
          .steps = config.steps};
}

}  // namespace

KernelPace pace_of(const SirenFaceConfig& config) {
  return pace_from(config);
}

KernelPace pace_of(const SirenBodyConfig& config) {
  return pace_from(config);
}

kernels::SirenStep settings_at(const KernelPace& pace, std::int64_t examples_seen) {
  const auto number = static_cast<double>(pace.steps.steps_before(examples_seen, pace.batch) + 1);
  kernels::SirenStep step{};
  step.learning_rate = static_cast<float>(learning_rate_at(pace.learning_rate, examples_seen) *
                                          pace.steps.rate_at(examples_seen, pace.examples));
  step.beta1 = static_cast<float>(pace.adam.beta1);
  step.beta2 = static_cast<float>(pace.adam.beta2);
  step.correction1 = static_cast<float>(1 - std::pow(pace.adam.beta1, number));
  step.correction2 = static_cast<float>(1 - std::pow(pace.adam.beta2, number));
  step.max_norm = static_cast<float>(pace.steps.max_gradient_norm);
  step.average_decay = static_cast<float>(std::min(pace.steps.weight_average, number / (9 + number)));
  return step;
}

void weigh_body(kernels::SirenStep& step, const std::vector<BodyLossPhase>& phases,
                std::int64_t examples_seen) {
  const BodyLossPhase& phase = phase_at(phases, examples_seen);
  step.flow = static_cast<float>(phase.flow);
  step.warped = static_cast<float>(phase.warped);
  step.direct = static_cast<float>(phase.direct);
  step.final = static_cast<float>(phase.final);
  step.squared = static_cast<float>(phase.squared);
}

std::vector<LossTerm> body_terms(const kernels::SirenStep& step, const at::Tensor& means) {
  // The squared error has a gradient, but is not summed up.
  const at::Tensor loss =
      step.flow * means[0] + step.warped * means[1] + step.direct * means[2] + step.final * means[3];
  return {
      {"loss", loss}, {"final", means[3]}, {"flow", means[0]}, {"warped", means[1]}, {"direct", means[2]}};
}

std::vector<LossTerm> face_terms(double mask_weight, const at::Tensor& means) {
  const at::Tensor whole = means[0], masked = means[1];
  return {{"loss", whole + mask_weight * masked}, {"whole", whole}, {"masked", masked}};
}

}  // namespace tha4
