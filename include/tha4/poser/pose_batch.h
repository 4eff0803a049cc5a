#pragma once

#include <span>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/image/region.h"
#include "tha4/pose/pose.h"

namespace tha4 {

/// Poses as a float32 tensor [N, 45] on the CPU.
at::Tensor to_tensor(std::span<const Pose> poses);

/// The poses of a batch [N, 45] on any device. Throws InputError for other shapes.
std::vector<Pose> to_poses(const at::Tensor& batch);

/// Poses [N, 45] as float32 on \p device. Throws InputError for other shapes.
at::Tensor to_pose_batch(const at::Tensor& poses, c10::Device device);

/// Throws InputError unless \p window has pixels and lies within its frame of 1 to 8192 pixels a side.
void check_window(const FrameWindow& window);

}  // namespace tha4
