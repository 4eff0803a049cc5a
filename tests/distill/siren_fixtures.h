#pragma once

#include <memory>

#include <ATen/core/Tensor.h>

#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/pose/pose.h"

// SIRENs that kernels, on CPUs and GPUs, are compared with.

namespace tha4 {

inline constexpr int kPosedFrames = 5;

std::shared_ptr<SirenBodyRotatorImpl> some_body(const SirenBodyRotatorOptions& options);

/// [kPosedFrames, pose_size]
at::Tensor random_poses(int pose_size);

/// What a body rotator gives of a pose within a region of the frame: [1, 7, H, W].
at::Tensor evaluate_body(SirenBodyRotatorImpl& body, const at::Tensor& pose, const Region& region);

/// How near two tensors are: |a - b| / |b|.
double distance(const at::Tensor& a, const at::Tensor& b);

}  // namespace tha4
