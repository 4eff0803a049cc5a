#include "mirrored_poses.h"

#include <cstdint>
#include <vector>

#include <torch/types.h>

#include "tha4/pose/pose.h"

namespace tha4 {

at::Tensor mirrored_poses(const at::Tensor& poses, const at::Tensor& mirror) {
  std::vector<std::int64_t> from;
  std::vector<float> sign;
  for (const MirroredParameter& parameter : mirrored_parameters()) {
    from.push_back(parameter.from);
    sign.push_back(parameter.sign);
  }
  const auto there = [&](const at::Tensor& values) {
    return values.to(poses.device(), /*non_blocking=*/true);
  };
  const at::Tensor mirrored =
      poses.index_select(1, there(torch::tensor(from, torch::kLong))) * there(torch::tensor(sign));
  return torch::where(mirror > 0, mirrored, poses);
}

}  // namespace tha4
