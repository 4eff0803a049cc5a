#include "sample_pictures.h"
#include "teacher_store.h"
#include <torch/types.h>

#include "tha4/distill/siren_training.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/pose/pose.h"

namespace tha4 {

const BodyLossPhase& phase_at(const std::vector<BodyLossPhase>& phases, std::int64_t examples_seen) {
  for (const BodyLossPhase& phase : phases) {
    if (examples_seen < phase.until_examples) return phase;
  }
  return phases.back();
}

std::shared_ptr<StudentBodyRotator> first_network(const SirenBodyConfig& config, const StateDict& first) {
  const SeededScope seeded(config.seed);
  std::shared_ptr<StudentBodyRotator> network;
  if (config.kind == BodyRotatorKind::vanilla_siren) {
    network = VanillaSirenBodyRotator(config.vanilla_network).ptr();
  } else {
    network = SirenBodyRotator(config.network).ptr();
  }
  scale_positions(*network, kPoseSize, config.steps.position_scale);
  if (!first.is_empty()) load_state_dict(*network, first, "the first weights");
  return network;
}

SirenBodyTraining::SirenBodyTraining(Poser& teacher, const PoseSource& poses, const SirenBodyConfig& config,
                                     std::shared_ptr<const TeacherStore> store, const StateDict& first,
                                     BatchShare share)
    : SirenTraining(teacher, poses, config.steps, std::move(store), share), config_(config) {
  network_ = first_network(config, first);
  start(network_, config.adam);
}

FrameWindow SirenBodyTraining::draw_window(std::uint64_t seed) const {
  const auto corner = draw_indices(seed, 2, kImageSize - config_.window + 1);
  return {kImageSize,
          {static_cast<int>(corner[0]), static_cast<int>(corner[1]), config_.window, config_.window}};
}

TrainingStep SirenBodyTraining::step(std::int64_t examples_seen) {
  const std::uint64_t seed = step_seed(config_.seed, examples_seen);
  const int batch = config_.steps.batch_at(examples_seen, config_.batch);
  const FrameWindow window = draw_window(step_seed(seed, 1));
  at::Tensor poses, kept = torch::ones({1}, torch::device(teacher_.device()));
  PosedFrame expected;
  if (store_) {
    const auto indices = draw_stored(batch, seed);
    poses = store_->poses_of(indices);
    expected = store_->frames(indices, window.region);
    kept = store_->kept(indices, window.region);
  } else {
    poses = share_.part(draw(batch, seed));
    expected = teacher_.pose(poses, window);
  }
  const auto image = paste(teacher_.rest_image().unsqueeze(0), expected.face, kFaceCrop);
  const RotatorOutput body = network_->rotate(image, poses, window);

  const auto l1 = [](const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().mean(); };
  const auto final = l1(body.blended, expected.blended);
  std::vector<LossTerm> terms;
  const BodyLossPhase& phase = phase_at(config_.loss_phases, examples_seen);
  torch::Tensor loss = phase.final * final;
  if (phase.squared > 0) loss = loss + phase.squared * (body.blended - expected.blended).square().mean();
  if (config_.kind != BodyRotatorKind::vanilla_siren) {
    const auto flow = l1(body.flow * kept, expected.flow * kept);
    const auto warped = l1(body.warped, expected.warped);
    const auto direct =
        l1(body.direct, config_.direct_target == DirectTarget::direct ? expected.direct : expected.blended);
    loss = loss + phase.flow * flow + phase.warped * warped + phase.direct * direct;
    terms = {{"flow", flow.detach()}, {"warped", warped.detach()}, {"direct", direct.detach()}};
  }
  terms.insert(terms.begin(), {{"loss", loss.detach()}, {"final", final.detach()}});

  descend(loss, learning_rate_at(config_.learning_rate, examples_seen), examples_seen);
  return {batch, terms};
}

TrainingParts SirenBodyTraining::parts() {
  return {.sample = [this] {
    return body_sample(*network_, shown_frames(teacher_, draw(kSampledPoses, poses_.seed)));
  }};
}

}  // namespace tha4
