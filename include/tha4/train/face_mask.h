#pragma once

#include "tha4/poser/poser.h"
#include "tha4/train/distill_config.h"

namespace tha4 {

/// The face mask of a teacher (appendix D's M, which the paper draws by hand): the pixels of the face crop
/// that the face parameters move, smoothed, so that single pixels do not count, and dilated, so that the
/// parts' borders do. A pixel that wavers a little, beside what moves most, is left out. \return float [1,
/// 128, 128] of zeros and ones, on the CPU; all ones for a teacher whose face does not move
at::Tensor derive_face_mask(Poser& teacher, const PoseSource& poses, int count, int batch);

}  // namespace tha4
