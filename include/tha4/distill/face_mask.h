#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// The face mask of a teacher (appendix D's M, which the paper draws by hand): the pixels of the face crop
/// that the face parameters move, smoothed, so that single pixels do not count, and dilated, so that the
/// parts' borders do. A pixel that wavers a little, beside what moves most, is left out.
/// \param crops  the teacher's face crops of many poses, [N, 4, 128, 128]
/// \return float [1, 128, 128] of zeros and ones, on the CPU; all ones for a teacher whose face does not move
at::Tensor derive_face_mask(const at::Tensor& crops);

}  // namespace tha4
