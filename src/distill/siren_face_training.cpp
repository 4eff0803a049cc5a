#include "sample_pictures.h"
#include "teacher_store.h"
#include <torch/types.h>

#include "tha4/distill/siren_training.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/pose/pose.h"

namespace tha4 {

std::shared_ptr<StudentFaceMorpher> first_network(const SirenFaceConfig& config, const StateDict& first) {
  const SeededScope seeded(config.seed);
  SirenFaceMorpher network(config.network);
  scale_positions(*network, config.network.pose_size, config.steps.position_scale);
  if (!first.is_empty()) load_state_dict(*network, first, "the first weights");
  return network.ptr();
}

SirenFaceTraining::SirenFaceTraining(Poser& teacher, const at::Tensor& mask, const PoseSource& poses,
                                     const SirenFaceConfig& config, std::shared_ptr<const TeacherStore> store,
                                     const StateDict& first, BatchShare share)
    : SirenTraining(teacher, poses, config.steps, std::move(store), share),
      mask_(mask.to(teacher.device())),
      config_(config) {
  network_ = first_network(config, first);
  start(network_, config.adam);
}

TrainingStep SirenFaceTraining::step(std::int64_t examples_seen) {
  const std::uint64_t seed = step_seed(config_.seed, examples_seen);
  const int batch = config_.steps.batch_at(examples_seen, config_.batch);
  at::Tensor poses, expected;
  if (store_) {
    const auto indices = draw_stored(batch, seed);
    poses = store_->poses_of(indices);
    expected = store_->faces(indices);
  } else {
    poses = share_.part(draw(batch, seed));
    expected = teacher_.face(poses);
  }
  const auto difference = (network_->draw(poses.narrow(1, 0, kFacePoseSize)) - expected).abs();
  const auto whole = difference.mean();
  const auto masked = (difference * mask_).mean();
  auto loss = whole + config_.mask_weight * masked;
  if (config_.squared > 0) {
    loss = loss + config_.squared * (difference.square() * (1 + config_.mask_weight * mask_)).mean();
  }

  descend(loss, learning_rate_at(config_.learning_rate, examples_seen), examples_seen);
  return {batch, {{"loss", loss.detach()}, {"whole", whole.detach()}, {"masked", masked.detach()}}};
}

TrainingParts SirenFaceTraining::parts() {
  return {.sample = [this] {
    return face_sample(*network_, shown_faces(teacher_, draw(kSampledPoses, poses_.seed)));
  }};
}

}  // namespace tha4
