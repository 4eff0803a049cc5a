#include "tha4/poser/pose_batch.h"

#include <algorithm>
#include <string>

#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {

at::Tensor to_tensor(std::span<const Pose> poses) {
  at::Tensor tensor = torch::empty({static_cast<std::int64_t>(poses.size()), kPoseSize});
  for (std::size_t i = 0; i < poses.size(); ++i) {
    std::copy(poses[i].begin(), poses[i].end(), tensor.data_ptr<float>() + i * kPoseSize);
  }
  return tensor;
}

std::vector<Pose> to_poses(const at::Tensor& batch) {
  const at::Tensor values = to_pose_batch(batch, torch::kCPU).contiguous();
  std::vector<Pose> poses(static_cast<std::size_t>(values.size(0)));
  const float* from = values.const_data_ptr<float>();
  for (Pose& pose : poses) {
    std::copy_n(from, pose.size(), pose.begin());
    from += pose.size();
  }
  return poses;
}

at::Tensor to_pose_batch(const at::Tensor& poses, c10::Device device) {
  if (poses.dim() != 2 || poses.size(1) != kPoseSize) {
    throw InputError("poses must be a batch of 45 values each, [N, 45]");
  }
  return poses.to(device, torch::kFloat32);
}

void check_window(const FrameWindow& window) {
  constexpr int kMaxResolution = 8192;
  const Region& region = window.region;
  if (window.resolution < 1 || window.resolution > kMaxResolution) {
    throw InputError("the resolution " + std::to_string(window.resolution) +
                     " is not within 1 to 8192 pixels");
  }
  if (region.x < 0 || region.y < 0 || region.width < 1 || region.height < 1 ||
      region.width > window.resolution - region.x || region.height > window.resolution - region.y) {
    throw InputError("the region " + std::to_string(region.x) + "," + std::to_string(region.y) + "," +
                     std::to_string(region.width) + "," + std::to_string(region.height) +
                     " does not lie within the frame of " + std::to_string(window.resolution) + "x" +
                     std::to_string(window.resolution) + " pixels");
  }
}

}  // namespace tha4
