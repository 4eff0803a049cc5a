#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/nn/eyebrow_decomposer.h"
#include "tha4/nn/eyebrow_morphing_combiner.h"
#include "tha4/nn/teacher_face_morpher.h"

namespace tha4 {

/// The three networks that give a rest image its new face, the same in THA3 and THA4.
struct TeacherFaceNetworks {
  EyebrowDecomposer eyebrow_decomposer{nullptr};
  EyebrowMorphingCombiner eyebrow_morphing_combiner{nullptr};
  TeacherFaceMorpher face_morpher{nullptr};
};

/// What the networks that run for every pose make of N poses.
struct TeacherFaceOutput {
  EyebrowMorphingCombinerOutput combiner;
  TeacherFaceMorpherOutput face_morpher;
};

/// What the eyebrow decomposer makes of rest images [N, 4, 512, 512]. It depends on them alone: compute it
/// once for a character.
EyebrowDecomposerOutput decompose_eyebrows(TeacherFaceNetworks& networks, const at::Tensor& rest_image);

/// Gives rest images the faces of poses.
/// \param rest_image  [N, 4, 512, 512], or [1, 4, 512, 512] for one character in N poses
/// \param layers      decompose_eyebrows() of it
/// \param poses       [N, 45]
TeacherFaceOutput morph_face(TeacherFaceNetworks& networks, const at::Tensor& rest_image,
                             const EyebrowDecomposerOutput& layers, const at::Tensor& poses);

/// The part \p begin to \p begin + \p size of \p poses, of the type and on the device of \p rest_image.
at::Tensor pose_part(const at::Tensor& poses, int begin, int size, const at::Tensor& rest_image);

}  // namespace tha4
