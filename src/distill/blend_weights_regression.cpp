#include "blend_weights_regression.h"

namespace tha4 {

Adam::Group parameters_of(const std::vector<BlendWeightsTarget>& targets) {
  Adam::Group parameters;
  for (const BlendWeightsTarget& target : targets) {
    const auto own = target.weights->parameters();
    parameters.insert(parameters.end(), own.begin(), own.end());
  }
  return parameters;
}

TrainingStep regression_step(std::vector<BlendWeightsTarget>& targets, const torch::Tensor& poses,
                             Adam& optimizer, const RegressionConfig& config, std::uint64_t seed,
                             std::int64_t examples_seen) {
  const auto rows = torch::tensor(draw_indices(step_seed(seed, examples_seen), config.batch, poses.size(0)))
                        .to(poses.device());
  const auto batch = poses.index_select(0, rows);
  torch::Tensor loss = torch::zeros({}, batch.options());
  for (BlendWeightsTarget& target : targets) {
    const auto error = target.weights->forward(batch) - target.targets.index_select(0, rows);
    loss = loss + (error / target.weights->output_scale).square().mean();
  }
  optimizer.zero_grad();
  loss.backward();
  optimizer.step(config.learning_rate.at(examples_seen, config.examples));
  return {config.batch, {{"regression", loss.detach() / static_cast<double>(targets.size())}}};
}

void move_targets(std::vector<BlendWeightsTarget>& targets, c10::Device device) {
  for (BlendWeightsTarget& target : targets) target.targets = target.targets.to(device);
}

void scale_to_targets(BlendWeightsTarget& target) {
  target.weights->output_scale.fill_(target.targets.square().mean().sqrt().clamp_min(1e-8).item<float>());
}

}  // namespace tha4
