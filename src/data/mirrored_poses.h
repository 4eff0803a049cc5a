#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// Poses [N, 45], of which those are mirrored whose \p mirror, [N, 1], is above 0.
at::Tensor mirrored_poses(const at::Tensor& poses, const at::Tensor& mirror);

}  // namespace tha4
