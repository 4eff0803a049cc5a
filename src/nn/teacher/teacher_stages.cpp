#include "tha4/nn/teacher/teacher_stages.h"

#include <torch/types.h>

#include "tha4/image/compositing.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

constexpr Region kEyebrowsInFace{kEyebrowCrop.x - kTeacherFaceCrop.x, kEyebrowCrop.y - kTeacherFaceCrop.y,
                                 kEyebrowCrop.width, kEyebrowCrop.height};

/// A part of \p poses, of the type and on the device of \p image.
at::Tensor pose_part(const at::Tensor& poses, int begin, int size, const at::Tensor& image) {
  return poses.narrow(1, begin, size).to(image.options());
}

at::Tensor for_every_pose(const at::Tensor& images, const at::Tensor& poses) {
  return images.expand({poses.size(0), -1, -1, -1});
}

EyebrowDecomposerOutput decompose(TeacherFaceNetworks& networks, const at::Tensor& rest_image) {
  return networks.eyebrow_decomposer->forward(crop(rest_image, kEyebrowCrop));
}
EyebrowDecomposerOutput decompose(UNetFaceMorpher&, const at::Tensor&) {
  return {};
}

FaceStageOutput morph(TeacherFaceNetworks& networks, const at::Tensor& rest_image,
                      const EyebrowDecomposerOutput& layers, const at::Tensor& poses) {
  FaceStageOutput output;
  output.combiner = networks.eyebrow_morphing_combiner->forward(
      for_every_pose(layers.background_layer, poses), for_every_pose(layers.eyebrow_layer, poses),
      pose_part(poses, 0, kEyebrowPoseSize, rest_image));
  const auto face = paste(crop(rest_image, kTeacherFaceCrop), output.combiner->combined, kEyebrowsInFace);
  output.face_morpher =
      networks.face_morpher->forward(face, pose_part(poses, kEyebrowPoseSize, kEyeMouthPoseSize, rest_image));
  output.face = output.face_morpher->face;
  return output;
}

FaceStageOutput morph(UNetFaceMorpher& network, const at::Tensor& rest_image, const EyebrowDecomposerOutput&,
                      const at::Tensor& poses) {
  FaceStageOutput output;
  output.unet = network->forward(for_every_pose(crop(rest_image, kFaceCrop), poses),
                                 pose_part(poses, 0, kFacePoseSize, rest_image));
  output.face = paste(crop(rest_image, kTeacherFaceCrop), output.unet->blended, kFaceCropInTeacherFace);
  return output;
}

RotatorOutput rotate(HalfResolutionRotator& rotator, const at::Tensor& image, const at::Tensor& rotation) {
  return rotator->forward(image, rotation);
}
RotatorOutput rotate(Tha3Rotator& rotator, const at::Tensor& image, const at::Tensor& rotation) {
  const Tha3RotatorOutput rotated = rotator->forward(image, rotation);
  return {
      .blended = {}, .warped = rotated.warped, .direct = rotated.direct, .alpha = {}, .flow = rotated.flow};
}

/// The paper's editors go by the rotator's flow and one of its images, which THA3 does not blend.
template <class Networks>
RotatorOutput edit(Networks& networks, const at::Tensor& image, const RotatorOutput& half_resolution,
                   const at::Tensor& rotation) {
  const at::Tensor& coarse =
      half_resolution.blended.defined() ? half_resolution.blended : half_resolution.warped;
  return networks.editor->forward(image, interpolate(coarse, kImageSize),
                                  interpolate(half_resolution.flow, kImageSize), rotation);
}
RotatorOutput edit(CompactBodyNetworks& networks, const at::Tensor& image,
                   const RotatorOutput& half_resolution, const at::Tensor& rotation) {
  return networks.editor->forward(image, half_resolution, rotation);
}

}  // namespace

EyebrowDecomposerOutput decompose_eyebrows(FaceStage& stage, const at::Tensor& rest_image) {
  return std::visit([&](auto& networks) { return decompose(networks, rest_image); }, stage);
}

FaceStageOutput morph_face(FaceStage& stage, const at::Tensor& rest_image,
                           const EyebrowDecomposerOutput& layers, const at::Tensor& poses) {
  return std::visit([&](auto& networks) { return morph(networks, rest_image, layers, poses); }, stage);
}

BodyStageOutput rotate_body(BodyStage& stage, const at::Tensor& image, const at::Tensor& poses) {
  const auto rotation = pose_part(poses, kFacePoseSize, kRotationPoseSize, image);
  const auto rotate_and_edit = [&](auto& networks) {
    BodyStageOutput output;
    output.half_resolution =
        rotate(networks.half_resolution_rotator, interpolate(image, kImageSize / 2), rotation);
    output.editor = edit(networks, image, output.half_resolution, rotation);
    return output;
  };
  return std::visit(rotate_and_edit, stage);
}

}  // namespace tha4
