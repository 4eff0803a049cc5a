#include "tha4/nn/teacher_face_networks.h"

#include <torch/types.h>

#include "tha4/image/compositing.h"
#include "tha4/nn/appearance_flow.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

constexpr Region kEyebrowsInFace{kEyebrowCrop.x - kTeacherFaceCrop.x, kEyebrowCrop.y - kTeacherFaceCrop.y,
                                 kEyebrowCrop.width, kEyebrowCrop.height};

}  // namespace

at::Tensor pose_part(const at::Tensor& poses, int begin, int size, const at::Tensor& rest_image) {
  return poses.narrow(1, begin, size).to(rest_image.options());
}

EyebrowDecomposerOutput decompose_eyebrows(TeacherFaceNetworks& networks, const at::Tensor& rest_image) {
  return networks.eyebrow_decomposer->forward(crop(rest_image, kEyebrowCrop));
}

TeacherFaceOutput morph_face(TeacherFaceNetworks& networks, const at::Tensor& rest_image,
                             const EyebrowDecomposerOutput& layers, const at::Tensor& poses) {
  const auto for_every_pose = [&](const at::Tensor& images) {
    return images.expand({poses.size(0), -1, -1, -1});
  };
  TeacherFaceOutput output;
  output.combiner = networks.eyebrow_morphing_combiner->forward(
      for_every_pose(layers.background_layer), for_every_pose(layers.eyebrow_layer),
      pose_part(poses, 0, kEyebrowPoseSize, rest_image));
  const auto face = paste(crop(rest_image, kTeacherFaceCrop), output.combiner.combined, kEyebrowsInFace);
  output.face_morpher =
      networks.face_morpher->forward(face, pose_part(poses, kEyebrowPoseSize, kEyeMouthPoseSize, rest_image));
  return output;
}

}  // namespace tha4
