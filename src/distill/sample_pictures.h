#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// Poses that a sample picture shows.
inline constexpr int kSampledPoses = 4;

/// Teacher, student and their difference for each of N image tensors [N, 4, H, W], a row each.
RgbaImage comparison_sheet(const at::Tensor& teacher, const at::Tensor& student);

class TeacherStore;

/// Indices of the frames of \p store that a sample picture shows: its first ones.
std::vector<std::int64_t> shown_frames(const TeacherStore& store);

}  // namespace tha4
