#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "planned_step.h"

#include "tha4/base/error.h"
#include "tha4/distill/distill_config.h"
#include "tha4/train/training.h"
#include "tha4/weights/state_dict_parts.h"

// What trainings of SIRENs by kernels of the project's own have in common, on GPUs and on CPUs.

namespace tha4 {

/// Of a training's steps, besides their windows.
struct KernelPace {
  std::int64_t examples = 0;
  int batch = 0;
  std::uint64_t seed = 0;
  AdamConfig adam{};
  std::vector<LearningRateStep> learning_rate{};
  SirenSteps steps{};
};

KernelPace pace_of(const SirenFaceConfig& config);
KernelPace pace_of(const SirenBodyConfig& config);

/// The settings of the step after so many examples, without the weights of the loss's terms.
kernels::SirenStep settings_at(const KernelPace& pace, std::int64_t examples_seen);

/// Sets the weights of the terms of a body's loss.
void weigh_body(kernels::SirenStep& step, const std::vector<BodyLossPhase>& phases,
                std::int64_t examples_seen);

/// The losses of a step, the total first, from the means of their terms as kernels give them.
std::vector<LossTerm> body_terms(const kernels::SirenStep& step, const at::Tensor& means);
std::vector<LossTerm> face_terms(double mask_weight, const at::Tensor& means);

/// What changes from step to step of a GpuSiren or a CpuSiren, and back to that.
template <class Siren>
TrainingState state_of_kernels(const Siren& siren) {
  TrainingState state;
  state.network = siren.network();
  add_part(state.optimizer, "average.", siren.average());
  add_part(state.optimizer, "moment1.", siren.moments1());
  add_part(state.optimizer, "moment2.", siren.moments2());
  add_part(state.optimizer, "soap.", siren.soap());
  return state;
}

template <class Siren>
void restore_kernels(Siren& siren, const TrainingState& state, const std::string& source) {
  const StateDict average = part_of(state.optimizer, "average."), network = siren.network();
  for (const auto& item : network) {
    const torch::Tensor* value = average.find(item.key());
    if (value == nullptr || value->sizes() != item.value().sizes()) {
      throw InputError(source + " is of a training by other kernels or of another network");
    }
  }
  siren.restore(state.network, average, part_of(state.optimizer, "moment1."),
                part_of(state.optimizer, "moment2."));
  siren.restore_soap(part_of(state.optimizer, "soap."));
}

}  // namespace tha4
