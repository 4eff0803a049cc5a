#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/image/rgba_image.h"
#include "tha4/nn/student/student_kind.h"
#include "tha4/poser/poser.h"
#include "tha4/weights/state_dict.h"

// The pictures that trainings show from time to time: teacher, student and their difference, a row for each
// of a few poses.

namespace tha4 {

class TeacherStore;

/// Poses that a sample picture shows.
inline constexpr int kSampledPoses = 4;

/// What a teacher made of N poses, for a network to be compared with.
struct ShownFrames {
  at::Tensor poses;     ///< [N, 45]
  at::Tensor expected;  ///< its frames, or its face crops where a face morpher is shown
  at::Tensor images;    ///< rest images with its faces [N, 4, 512, 512], for a body rotator
};

ShownFrames shown_frames(Poser& teacher, const at::Tensor& poses);
ShownFrames shown_faces(Poser& teacher, const at::Tensor& poses);

/// The first ones of \p store.
ShownFrames shown_frames(const TeacherStore& store);
ShownFrames shown_faces(const TeacherStore& store);

/// The picture of a network on the device of \p shown.
RgbaImage body_sample(StudentBodyRotator& network, const ShownFrames& shown);
RgbaImage face_sample(StudentFaceMorpher& network, const ShownFrames& shown);

/// Of a network with these weights.
RgbaImage body_sample(BodyRotatorKind kind, const StateDict& weights, const ShownFrames& shown);
RgbaImage siren_face_sample(const StateDict& weights, const ShownFrames& shown);

}  // namespace tha4
