#include "tha4/nn/tha3_networks.h"

#include "network_files.h"
#include <torch/types.h>

#include "tha4/nn/appearance_flow.h"
#include "tha4/pose/pose.h"

namespace tha4 {

std::vector<NamedNetwork> named_networks(const Tha3Networks& networks) {
  auto named = named_networks(networks.face);
  named.push_back({"two_algo_face_body_rotator", networks.rotator.ptr()});
  named.push_back({"editor", networks.editor.ptr()});
  return named;
}

Tha3Networks make_tha3_networks() {
  return {.face = make_face_networks(), .rotator = Tha3Rotator(), .editor = Tha3Editor()};
}

Tha3Networks load_tha3_networks(const std::filesystem::path& folder) {
  return {.face = load_face_networks(folder),
          .rotator = load_network_file<Tha3Rotator>(folder, "two_algo_face_body_rotator"),
          .editor = load_network_file<Tha3Editor>(folder, "editor")};
}

EyebrowDecomposerOutput Tha3Pipeline::decompose(const at::Tensor& rest_image) {
  return decompose_eyebrows(networks_.face, rest_image);
}

at::Tensor Tha3Pipeline::face(const at::Tensor& rest_image, const EyebrowDecomposerOutput& layers,
                              const at::Tensor& poses) {
  return morph_face(networks_.face, rest_image, layers, poses).face_morpher.face;
}

Tha3Output Tha3Pipeline::operator()(const at::Tensor& rest_image, const EyebrowDecomposerOutput& layers,
                                    const at::Tensor& poses) {
  Tha3Output output;
  output.layers = layers;
  output.face = morph_face(networks_.face, rest_image, layers, poses);
  output.face_morphed_image = paste(rest_image, output.face.face_morpher.face, kTeacherFaceCrop);
  const auto rotation = pose_part(poses, kFacePoseSize, kRotationPoseSize, rest_image);
  output.half_resolution =
      networks_.rotator->forward(interpolate(output.face_morphed_image, kImageSize / 2), rotation);
  output.editor = networks_.editor->forward(output.face_morphed_image,
                                            interpolate(output.half_resolution.warped, kImageSize),
                                            interpolate(output.half_resolution.flow, kImageSize), rotation);
  return output;
}

}  // namespace tha4
