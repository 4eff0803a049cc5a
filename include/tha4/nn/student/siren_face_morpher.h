#pragma once

#include <torch/nn/modules/container/modulelist.h>

#include "tha4/nn/blocks/sine_layer.h"
#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/nn/student/student_network.h"

namespace tha4 {

/// Sizes of a SIREN that gives values for the pose at every pixel; those here are the paper's face morpher's.
struct SirenOptions {
  int pose_size = 39;
  int width = 128;      ///< outputs of every sine layer
  int sine_layers = 8;  ///< one linear layer follows them
  int outputs = 4;
};

/// A plain SIREN: (x, y, pose) ↦ outputs, evaluated at every pixel.
class SirenImpl : public torch::nn::Module {
 public:
  explicit SirenImpl(const SirenOptions& options);

  /// \param poses   [N, pose_size]
  /// \param window  the pixels to evaluate
  /// \return [N, outputs, h, w]
  torch::Tensor forward(const torch::Tensor& poses, const FrameWindow& window);

 private:
  torch::nn::ModuleList sine_layers_;
  Convolution last_linear_;
};
TORCH_MODULE(Siren);

/// Reads the sizes off a checkpoint of a network whose only child is the SIREN "siren". Throws InputError
/// where it does not take \p pose_size pose parameters, or gives other than \p outputs channels.
SirenOptions siren_options_of(const WeightShapes& shapes, int pose_size, int outputs);

/// The paper's student face morpher (figure 4): 9 fully connected layers, 128 neurons each.
class SirenFaceMorpherImpl : public StudentFaceMorpher {
 public:
  explicit SirenFaceMorpherImpl(const SirenOptions& options = {});

  /// Throws InputError.
  static SirenOptions options_of(const WeightShapes& shapes);

  torch::Tensor draw(const torch::Tensor& face_poses) override;

 private:
  Siren siren_;
};
TORCH_MODULE(SirenFaceMorpher);

}  // namespace tha4
