#include "siren_fixtures.h"

#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/blocks/seeded_scope.h"

namespace tha4 {

std::shared_ptr<SirenBodyRotatorImpl> some_body(const SirenBodyRotatorOptions& options) {
  const SeededScope seeded(11);
  SirenBodyRotator body(options);
  torch::NoGradGuard no_grad;
  // Biases that are 0 would hide that they are in a wrong place.
  for (auto& parameter : body->parameters()) {
    if (parameter.dim() == 1) parameter.uniform_(-0.1, 0.1);
  }
  return body.ptr();
}

at::Tensor random_poses(int pose_size) {
  const SeededScope seeded(3);
  return torch::rand({kPosedFrames, pose_size}) * 2 - 1;
}

at::Tensor evaluate_body(SirenBodyRotatorImpl& body, const at::Tensor& pose, const Region& region) {
  const at::Tensor image = torch::zeros({1, 4, kImageSize, kImageSize}, torch::device(pose.device()));
  const RotatorOutput made = body.rotate(image, pose, FrameWindow{kImageSize, region});
  return torch::cat({made.flow, made.alpha, made.direct}, 1);
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / (b.norm() + 1e-20)).item<double>();
}

}  // namespace tha4
