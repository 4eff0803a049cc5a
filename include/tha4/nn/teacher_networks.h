#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/nn/editor.h"
#include "tha4/nn/half_resolution_rotator.h"
#include "tha4/nn/teacher_face_networks.h"

namespace tha4 {

/// The teacher's five networks (paper section 3). Copies share the modules.
struct TeacherNetworks {
  TeacherFaceNetworks face;
  HalfResolutionRotator half_resolution_rotator{nullptr};
  Editor editor{nullptr};
};

/// One network and the name of its official file, without the extension.
struct NamedNetwork {
  std::string name;
  std::shared_ptr<torch::nn::Module> network;
};

/// The networks, in the order in which the pipeline uses them: to convert, save, or count them.
std::vector<NamedNetwork> named_networks(const TeacherNetworks& networks);

/// Networks of the published sizes, initialised for training.
TeacherNetworks make_teacher_networks();

/// Reads the five official .pt files of \p folder, of any widths. Throws InputError naming the file.
TeacherNetworks load_teacher_networks(const std::filesystem::path& folder);

/// Everything that a teacher makes of N poses.
struct TeacherOutput {
  RotatorOutput editor;           ///< [N, C, 512, 512]: the frame
  at::Tensor face_morphed_image;  ///< [N, 4, 512, 512]: rest images with their new faces
  RotatorOutput half_resolution;  ///< [N, C, 256, 256]
  TeacherFaceOutput face;
  EyebrowDecomposerOutput layers;  ///< as given
};

/// The networks one after the other, with the crops and changes of resolution between them. All images are
/// computed in the type of the rest image, whatever type the networks have; gradients flow.
class TeacherPipeline {
 public:
  explicit TeacherPipeline(TeacherNetworks networks) : networks_(std::move(networks)) {}

  /// What depends on rest images [N, 4, 512, 512] alone: compute it once for a character.
  EyebrowDecomposerOutput decompose(const at::Tensor& rest_image);

  /// Only the new faces, [N, 4, 192, 192]: the rest image's kTeacherFaceCrop. Parameters as below.
  at::Tensor face(const at::Tensor& rest_image, const EyebrowDecomposerOutput& layers,
                  const at::Tensor& poses);

  /// \param rest_image  [N, 4, 512, 512], or [1, 4, 512, 512] for one character in N poses
  /// \param layers      decompose() of it
  /// \param poses       [N, 45]; converted to the type and device of the rest image
  TeacherOutput operator()(const at::Tensor& rest_image, const EyebrowDecomposerOutput& layers,
                           const at::Tensor& poses);

  const TeacherNetworks& networks() const { return networks_; }

 private:
  TeacherNetworks networks_;
};

}  // namespace tha4
