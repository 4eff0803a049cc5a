#include "tha4/nn/teacher_networks.h"

#include "network_files.h"
#include <torch/types.h>

#include "tha4/nn/appearance_flow.h"
#include "tha4/pose/pose.h"

namespace tha4 {

std::vector<NamedNetwork> named_networks(const TeacherNetworks& networks) {
  auto named = named_networks(networks.face);
  named.push_back({"body_morpher", networks.half_resolution_rotator.ptr()});
  named.push_back({"upscaler", networks.editor.ptr()});
  return named;
}

TeacherNetworks make_teacher_networks() {
  return {
      .face = make_face_networks(), .half_resolution_rotator = HalfResolutionRotator(), .editor = Editor()};
}

TeacherNetworks load_teacher_networks(const std::filesystem::path& folder) {
  return {.face = load_face_networks(folder),
          .half_resolution_rotator = load_network_file<HalfResolutionRotator>(folder, "body_morpher"),
          .editor = load_network_file<Editor>(folder, "upscaler")};
}

EyebrowDecomposerOutput TeacherPipeline::decompose(const at::Tensor& rest_image) {
  return decompose_eyebrows(networks_.face, rest_image);
}

at::Tensor TeacherPipeline::face(const at::Tensor& rest_image, const EyebrowDecomposerOutput& layers,
                                 const at::Tensor& poses) {
  return morph_face(networks_.face, rest_image, layers, poses).face_morpher.face;
}

TeacherOutput TeacherPipeline::operator()(const at::Tensor& rest_image, const EyebrowDecomposerOutput& layers,
                                          const at::Tensor& poses) {
  TeacherOutput output;
  output.layers = layers;
  output.face = morph_face(networks_.face, rest_image, layers, poses);
  output.face_morphed_image = paste(rest_image, output.face.face_morpher.face, kTeacherFaceCrop);
  const auto rotation = pose_part(poses, kFacePoseSize, kRotationPoseSize, rest_image);
  output.half_resolution = networks_.half_resolution_rotator->forward(
      interpolate(output.face_morphed_image, kImageSize / 2), rotation);
  output.editor = networks_.editor->forward(output.face_morphed_image,
                                            interpolate(output.half_resolution.blended, kImageSize),
                                            interpolate(output.half_resolution.flow, kImageSize), rotation);
  return output;
}

}  // namespace tha4
