#include "tha4/distill/siren_training.h"

#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"
#include "tha4/weights/state_dict_parts.h"

namespace tha4 {

TrainingState SirenTraining::state() const {
  TrainingState state;
  state.network = state_dict_of(*trained_);
  add_part(state.optimizer, "adam.", optimizer_->state());
  return state;
}

void SirenTraining::restore(const TrainingState& state, const std::string& source) {
  load_state_dict(*trained_, state.network, source);
  optimizer_->restore(part_of(state.optimizer, "adam."), source);
}

void SirenTraining::start(std::shared_ptr<torch::nn::Module> network, const AdamConfig& adam) {
  trained_ = std::move(network);
  trained_->to(teacher_.device());
  optimizer_.emplace(trained_->parameters(), adam);
}

void SirenTraining::descend(const at::Tensor& loss, double learning_rate) {
  optimizer_->zero_grad();
  loss.backward();
  optimizer_->step(learning_rate);
}

at::Tensor SirenTraining::draw(int count, std::uint64_t seed) const {
  return draw_poses(poses_, count, seed).to(teacher_.device());
}

}  // namespace tha4
