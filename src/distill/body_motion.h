#pragma once

#include <functional>

#include <ATen/core/Tensor.h>

namespace tha4 {

struct TeacherFrames;

/// How the body moves in each of \p frames, as a map of \p size by \p size cells: by least squares the
/// smoothest one that is near the teacher's flow where the frame shows the rest image.
/// \return float32 [N, 2, size, size], in units of flow
at::Tensor fit_motions(const TeacherFrames& frames, int size);

/// Attaches the flow of \p frames to the body, in place: at each place of the rest image lies what is there
/// in the frame where \p motions, [N, 2, size, size], lead to that place, less the motion.
/// \return float32 [1, S, S], S cells across the flow's map: the largest alpha of any frame there
at::Tensor attach_flow(TeacherFrames& frames, const at::Tensor& motions);

/// Likewise the appearance.
void attach_appearance(TeacherFrames& frames, const at::Tensor& motions);

/// Puts into the appearance of \p frames, which is not attached yet, what has to be drawn for the frame where
/// the image is warped by a flow that is less than the teacher's.
/// \param flow  of frame I, attached, [1, 2, S, S]
void keep_what_warping_leaves(TeacherFrames& frames, const at::Tensor& rest_image, const at::Tensor& motions,
                              const std::function<at::Tensor(std::int64_t)>& flow);

}  // namespace tha4
