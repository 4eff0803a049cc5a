#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include "tha4/nn/teacher/named_network.h"
#include "tha4/nn/teacher/teacher_architecture.h"
#include "tha4/nn/teacher/teacher_stages.h"

namespace tha4 {

/// Rest images, with what a teacher makes of them alone.
struct PreparedImage {
  at::Tensor rest_image;           ///< [N, 4, 512, 512]
  EyebrowDecomposerOutput layers;  ///< undefined tensors of a teacher that has no use for them
};

/// Everything that a teacher makes of N poses.
struct TeacherOutput {
  RotatorOutput editor;           ///< [N, C, 512, 512]: the frame
  at::Tensor face_morphed_image;  ///< [N, 4, 512, 512]: rest images with their new faces
  RotatorOutput half_resolution;  ///< [N, C, 256, 256], see BodyStageOutput
  FaceStageOutput face;
};

/// A teacher of any architecture (paper section 3): its networks one after the other, with the crops and
/// changes of resolution between them. All images are computed in the type of the rest image, whatever type
/// the networks have; gradients flow. Copies share the networks.
class Teacher {
 public:
  /// \param face, body  of the networks that \p architecture has, else Error
  Teacher(Architecture architecture, FaceStage face, BodyStage body);

  Architecture architecture() const { return architecture_; }

  /// The networks by their official files, in the order in which they are used.
  std::vector<NamedNetwork> networks() const;

  /// Moves the networks to \p device and \p type, also for their other owners, and readies them for use.
  void to(c10::Device device, c10::ScalarType type);

  /// What depends on rest images [N, 4, 512, 512] alone: compute it once for a character.
  PreparedImage prepare(const at::Tensor& rest_image);

  /// Only the new faces, [N, 4, 192, 192]: the rest image's kTeacherFaceCrop. Parameters as below.
  at::Tensor face(const PreparedImage& image, const at::Tensor& poses);

  /// Only the turn of the body, of rest images with their new faces [N, 4, 512, 512].
  BodyStageOutput rotate(const at::Tensor& image, const at::Tensor& poses);

  /// \param image  of N rest images, or of one for one character in N poses
  /// \param poses  [N, 45]; converted to the type and device of the rest image
  TeacherOutput operator()(const PreparedImage& image, const at::Tensor& poses);

 private:
  Architecture architecture_;
  FaceStage face_;
  BodyStage body_;
};

/// A teacher of the published sizes, or of those of the compact teacher that comes with the project;
/// initialised for training.
Teacher make_teacher(Architecture architecture);

/// Reads the official files of \p folder, of any widths, in either format. Throws InputError naming the file,
/// and where networks of \p architecture are missing; where that is not given, it is architecture_of() the
/// folder.
Teacher load_teacher(const std::filesystem::path& folder, std::optional<Architecture> architecture = {});

}  // namespace tha4
