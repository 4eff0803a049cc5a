#include "tha4/poser/usual_weights.h"

#include <torch/types.h>

#include "tha4/pose/pose_sampler.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {

at::Tensor usual_weights(BlendWeightsImpl& mlp) {
  constexpr int kPoses = 64;
  constexpr std::uint64_t kSeed = 1;
  const torch::NoGradGuard no_grad;
  const at::Tensor poses = to_tensor(sample_poses(PoseDistribution::natural, kPoses, kSeed));
  const at::Tensor inputs = poses.narrow(1, 0, mlp.input_scale.numel()).to(mlp.input_scale.device());
  return mlp.forward(inputs).to(torch::kCPU, torch::kFloat32).square().mean(0);
}

}  // namespace tha4
