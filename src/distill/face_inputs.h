#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

// Which parameters move which part of a face. A part depends on a third of them, an eye on those of its side,
// say; an MLP that is told the others as well has to learn from its few examples that they do not matter.

namespace tha4 {

/// Poses that show what each face parameter does by itself: at rest, and with one parameter at either end of
/// its range. float32 [41, 45]
at::Tensor single_face_poses();

/// Whether each face parameter moves each region: 1, or 0 where crops that differ in it alone are the same
/// there but for next to nothing. All are 1 where not all of single_face_poses() are among the poses.
/// \param poses    float32 [N, 45]
/// \param faces    [N, 4, 128, 128], their crops, on the CPU
/// \param regions  int64 [P] each: row-major indices of pixels
/// \return float32 [regions, 39]
at::Tensor moving_inputs(const at::Tensor& poses, const at::Tensor& faces,
                         const std::vector<at::Tensor>& regions);

}  // namespace tha4
