#pragma once

#include <optional>
#include <variant>

#include <ATen/core/Tensor.h>

#include "tha4/nn/teacher/editor.h"
#include "tha4/nn/teacher/eyebrow_decomposer.h"
#include "tha4/nn/teacher/eyebrow_morphing_combiner.h"
#include "tha4/nn/teacher/half_resolution_rotator.h"
#include "tha4/nn/teacher/residual_editor.h"
#include "tha4/nn/teacher/teacher_face_morpher.h"
#include "tha4/nn/teacher/tha3_editor.h"
#include "tha4/nn/teacher/tha3_rotator.h"
#include "tha4/nn/teacher/unet_face_morpher.h"

namespace tha4 {

// A teacher works in two stages, the face and then the body (paper section 3). The architectures differ in
// the networks of a stage, and in nothing else: whatever depends on which ones they are is here.

/// The three networks that give a rest image its new face in THA3 and THA4.
struct TeacherFaceNetworks {
  EyebrowDecomposer eyebrow_decomposer{nullptr};
  EyebrowMorphingCombiner eyebrow_morphing_combiner{nullptr};
  TeacherFaceMorpher face_morpher{nullptr};
};

/// The networks of the face; the compact teacher has one.
using FaceStage = std::variant<TeacherFaceNetworks, UNetFaceMorpher>;

/// What the networks of the face that run for every pose make of N poses.
struct FaceStageOutput {
  at::Tensor face;  ///< [N, 4, 192, 192]: kTeacherFaceCrop of the rest images with its new expression
  std::optional<EyebrowMorphingCombinerOutput> combiner;  ///< of TeacherFaceNetworks
  std::optional<TeacherFaceMorpherOutput> face_morpher;   ///< of TeacherFaceNetworks
  std::optional<RotatorOutput> unet;                      ///< of UNetFaceMorpher
};

/// The layers of the eyebrows of rest images [N, 4, 512, 512], which depend on them alone: compute them once
/// for a character. Undefined tensors where the stage has no use for them.
EyebrowDecomposerOutput decompose_eyebrows(FaceStage& stage, const at::Tensor& rest_image);

/// Gives rest images the faces of poses.
/// \param rest_image  [N, 4, 512, 512], or [1, 4, 512, 512] for one character in N poses
/// \param layers      decompose_eyebrows() of it
/// \param poses       [N, 45]
FaceStageOutput morph_face(FaceStage& stage, const at::Tensor& rest_image,
                           const EyebrowDecomposerOutput& layers, const at::Tensor& poses);

/// Rotator and editor of THA4.
struct BodyNetworks {
  HalfResolutionRotator half_resolution_rotator{nullptr};
  Editor editor{nullptr};
};

/// Rotator and editor of the compact teacher.
struct CompactBodyNetworks {
  HalfResolutionRotator half_resolution_rotator{nullptr};
  ResidualEditor editor{nullptr};
};

/// Rotator and editor of the THA3 baseline.
struct Tha3BodyNetworks {
  Tha3Rotator half_resolution_rotator{nullptr};
  Tha3Editor editor{nullptr};
};

/// The networks of the body.
using BodyStage = std::variant<BodyNetworks, Tha3BodyNetworks, CompactBodyNetworks>;

/// What the networks of the body make of N poses.
struct BodyStageOutput {
  RotatorOutput editor;           ///< [N, C, 512, 512]: the frame
  RotatorOutput half_resolution;  ///< [N, C, 256, 256]; of THA3, which does not blend: no alpha, no blended
};

/// Turns the body.
/// \param image  rest images with their new faces, [N, 4, 512, 512]
/// \param poses  [N, 45]
BodyStageOutput rotate_body(BodyStage& stage, const at::Tensor& image, const at::Tensor& poses);

}  // namespace tha4
