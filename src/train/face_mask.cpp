#include "tha4/train/face_mask.h"

#include <torch/types.h>

#include "tha4/train/teacher_frames.h"

namespace tha4 {
namespace {

// In units of the image tensor's range of 2: a pixel counts if some pose changes it by 4 % of the range.
constexpr double kLeastChange = 0.08;
constexpr int kSmoothing = 3;  // pixels, width of the box
constexpr int kDilation = 3;   // pixels, in all directions

}  // namespace

at::Tensor derive_face_mask(Poser& teacher, const PoseSource& poses, int count, int batch) {
  const torch::NoGradGuard no_grad;
  const auto rest = teacher.face(torch::zeros({1, kPoseSize}));
  const auto drawn = draw_poses(poses, count, poses.seed);
  torch::Tensor change = torch::zeros({1, kFaceCrop.height, kFaceCrop.width}, rest.options());
  for (int i = 0; i < count; i += batch) {
    const auto faces = teacher.face(drawn.narrow(0, i, std::min(batch, count - i)));
    change = torch::maximum(change, (faces - rest).abs().amax({0, 1}).unsqueeze(0));
  }
  const auto smooth = torch::avg_pool2d(change.cpu().to(torch::kFloat32), kSmoothing, 1, kSmoothing / 2);
  const auto moving = (smooth > kLeastChange).to(torch::kFloat32);
  if (moving.sum().item<double>() == 0) return torch::ones_like(moving);
  return torch::max_pool2d(moving, 2 * kDilation + 1, 1, kDilation);
}

}  // namespace tha4
