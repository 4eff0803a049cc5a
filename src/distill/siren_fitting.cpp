#include "tha4/distill/siren_fitting.h"

#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"
#include "tha4/train/adam_state.h"

namespace tha4 {

StateDict SirenFitting::network_state() const {
  return state_dict_of(*trained_);
}

StateDict SirenFitting::optimizer_state() const {
  return adam_state(*optimizer_, "adam.");
}

void SirenFitting::restore(const StateDict& network, const StateDict& optimizer, const std::string& source) {
  load_state_dict(*trained_, network, source);
  restore_adam_state(*optimizer_, optimizer, "adam.", source);
}

void SirenFitting::start(std::shared_ptr<torch::nn::Module> network, const AdamConfig& adam) {
  trained_ = std::move(network);
  trained_->to(teacher_.device());
  optimizer_ = std::make_unique<torch::optim::AdamW>(trained_->parameters(), adam_options(adam));
}

void SirenFitting::descend(const at::Tensor& loss, double learning_rate) {
  set_learning_rate(*optimizer_, 0, learning_rate);
  optimizer_->zero_grad();
  loss.backward();
  optimizer_->step();
}

at::Tensor SirenFitting::draw(int count, std::uint64_t seed) const {
  return draw_poses(poses_, count, seed).to(teacher_.device());
}

}  // namespace tha4
