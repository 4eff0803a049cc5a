#pragma once

#include <filesystem>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/nn/teacher_networks.h"
#include "tha4/nn/tha3_editor.h"
#include "tha4/nn/tha3_rotator.h"

namespace tha4 {

/// The five networks of the THA3 baseline. Copies share the modules.
struct Tha3Networks {
  TeacherFaceNetworks face;
  Tha3Rotator rotator{nullptr};
  Tha3Editor editor{nullptr};
};

/// As of the teacher's networks.
std::vector<NamedNetwork> named_networks(const Tha3Networks& networks);
Tha3Networks make_tha3_networks();
Tha3Networks load_tha3_networks(const std::filesystem::path& folder);

/// Everything that a THA3 teacher makes of N poses.
struct Tha3Output {
  RotatorOutput editor;               ///< [N, C, 512, 512]: the frame
  at::Tensor face_morphed_image;      ///< [N, 4, 512, 512]: rest images with their new faces
  Tha3RotatorOutput half_resolution;  ///< [N, C, 256, 256]
  TeacherFaceOutput face;
  EyebrowDecomposerOutput layers;  ///< as given
};

/// The networks one after the other; everything as of TeacherPipeline.
class Tha3Pipeline {
 public:
  explicit Tha3Pipeline(Tha3Networks networks) : networks_(std::move(networks)) {}

  EyebrowDecomposerOutput decompose(const at::Tensor& rest_image);
  at::Tensor face(const at::Tensor& rest_image, const EyebrowDecomposerOutput& layers,
                  const at::Tensor& poses);
  Tha3Output operator()(const at::Tensor& rest_image, const EyebrowDecomposerOutput& layers,
                        const at::Tensor& poses);

  const Tha3Networks& networks() const { return networks_; }

 private:
  Tha3Networks networks_;
};

}  // namespace tha4
