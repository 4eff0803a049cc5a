#include "tha4/distill/siren_training.h"

#include <string_view>
#include <utility>

#include "soap_optimizer.h"
#include "teacher_store.h"
#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {

void scale_positions(torch::nn::Module& network, int pose_size, double scale) {
  const torch::NoGradGuard no_grad;
  constexpr std::string_view kFirstLayer = ".0.linear.weight";
  for (const auto& parameter : network.named_parameters()) {
    if (!parameter.key().ends_with(kFirstLayer)) continue;
    const at::Tensor& weight = parameter.value();
    weight.narrow(1, weight.size(1) - pose_size - 2, 2).mul_(scale);
  }
}

SirenTraining::SirenTraining(Poser& teacher, const PoseSource& poses, const SirenSteps& steps,
                             std::shared_ptr<const TeacherStore> store, BatchShare share)
    : teacher_(teacher), poses_(poses), steps_(steps), store_(std::move(store)), share_(share) {}

SirenTraining::~SirenTraining() = default;

TrainingState SirenTraining::state() const {
  TrainingState state;
  state.network = state_dict_of(*trained_);
  if (soap_) {
    add_part(state.optimizer, "soap.", soap_->state());
  } else {
    add_part(state.optimizer, "adam.", optimizer_->state());
  }
  if (average_) add_part(state.optimizer, "", average_->state());
  return state;
}

void SirenTraining::restore(const TrainingState& state, const std::string& source) {
  load_state_dict(*trained_, state.network, source);
  if (soap_) {
    soap_->restore(part_of(state.optimizer, "soap."), source);
  } else {
    optimizer_->restore(part_of(state.optimizer, "adam."), source);
  }
  if (!average_) return;
  StateDict average;
  for (const auto& item : average_->state()) {
    if (const torch::Tensor* value = state.optimizer.find(item.key())) average.insert(item.key(), *value);
  }
  average_->restore(average, source);
}

StateDict SirenTraining::exported_state() const {
  StateDict exported = state_dict_of(*trained_);
  if (!average_) return exported;
  const auto names = trained_->named_parameters();
  for (std::size_t i = 0; i < names.size(); ++i) exported[names[i].key()] = average_->values()[i];
  return exported;
}

void SirenTraining::start(std::shared_ptr<torch::nn::Module> network, const AdamConfig& adam) {
  trained_ = std::move(network);
  trained_->to(teacher_.device());
  optimizer_.emplace(trained_->parameters(), adam);
  if (steps_.soap_steps > 0) {
    StateDict parameters;
    for (const auto& item : trained_->named_parameters()) parameters.insert(item.key(), item.value());
    soap_ = std::make_unique<SoapOptimizer>(parameters, adam, steps_.soap_steps, steps_.soap_decay);
  }
  if (steps_.weight_average > 0) average_.emplace(trained_->parameters(), steps_.weight_average);
}

void SirenTraining::descend(const at::Tensor& loss, double learning_rate, std::int64_t examples_seen) {
  optimizer_->zero_grad();
  loss.backward();
  share_.average(optimizer_->gradients());
  if (steps_.max_gradient_norm > 0) {
    const auto gradients = optimizer_->gradients();
    const at::Tensor factor = (steps_.max_gradient_norm / norm_of(gradients)).clamp_max(1);
    for (const at::Tensor& gradient : gradients) gradient.mul_(factor);
  }
  const double rate = learning_rate * steps_.rate_at(examples_seen, total_examples());
  if (soap_) {
    soap_->step(rate);
  } else {
    optimizer_->step(rate);
  }
  if (average_) average_->update();
}

std::vector<std::int64_t> SirenTraining::draw_stored(int count, std::uint64_t seed) const {
  const std::vector<std::int64_t> all = draw_indices(seed, count, store_->count());
  const auto begin = all.begin() + share_.begin(count);
  return {begin, begin + share_.of(count)};
}

at::Tensor SirenTraining::draw(int count, std::uint64_t seed) const {
  return draw_poses(poses_, count, seed).to(teacher_.device());
}

}  // namespace tha4
