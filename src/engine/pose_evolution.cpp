#include "pose_evolution.h"

namespace tha4 {

PoseEvolution::PoseEvolution(int places, std::uint64_t seed)
    : sampler_(PoseDistribution::uniform, seed),
      generator_(seed),
      places_(static_cast<std::size_t>(places)) {}

void PoseEvolution::take(const Pose& pose, std::span<const float> shown) {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place& place = places_[i];
    if (!place.is_closed && shown[i] > place.shown) place = {shown[i], false, pose};
  }
}

const PoseEvolution::Place& PoseEvolution::any() {
  return places_[open_[static_cast<std::size_t>(unit() * static_cast<double>(open_.size()))]];
}

Pose PoseEvolution::child() {
  open_.clear();
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].shown > 0) open_.push_back(i);
  }
  const Pose fresh = sampler_.next();
  if (open_.empty()) return fresh;
  const Place &first = any(), &rival = any(), &second = any();
  Pose child = first.shown < rival.shown ? rival.pose : first.pose;
  for (std::size_t i = 0; i < child.size(); ++i) {
    const double choice = unit();
    if (choice < kMutation) {
      child[i] = fresh[i];
    } else if (choice < kMutation + kCrossover) {
      child[i] = second.pose[i];
    }
  }
  return child;
}

}  // namespace tha4
