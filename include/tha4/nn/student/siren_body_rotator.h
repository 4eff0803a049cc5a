#pragma once

#include <string>
#include <vector>

#include <torch/nn/modules/container/modulelist.h>

#include "tha4/nn/blocks/weight_shapes.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/nn/student/student_network.h"

namespace tha4 {

/// One level of a multi-resolution SIREN.
struct SirenLevel {
  int size;   ///< width and height of its feature map, in cells
  int width;  ///< outputs of its sine layers (the last one has those of the next level)
};

/// Most levels of a multi-resolution SIREN: the first one then has 2x2 cells.
inline constexpr std::size_t kMaxSirenLevels = 9;

/// Sizes of a body rotator; the defaults are the paper's.
struct SirenBodyRotatorOptions {
  std::vector<SirenLevel> levels = {{128, 360}, {256, 180}, {512, 90}};
  int sine_layers = 3;  ///< of each level

  /// Table 6, "w/o multi-res": the same layers, all of them at 512x512.
  static SirenBodyRotatorOptions single_resolution() {
    return {.levels = {{512, 360}, {512, 180}, {512, 90}}};
  }
};

/// The paper's student body rotator (figure 5): a SIREN whose levels draw feature maps of growing size, then
/// a linear layer that gives flow, alpha and direct image. All levels but the last draw their own fixed
/// grids; the last one is a function of continuous positions, so that the same weights draw any resolution.
class SirenBodyRotatorImpl : public StudentBodyRotator {
 public:
  explicit SirenBodyRotatorImpl(const SirenBodyRotatorOptions& options = {});

  RotatorOutput rotate(const torch::Tensor& image, const torch::Tensor& poses,
                       const FrameWindow& window) override;

 private:
  /// Output of level \p level at the pixels of \p window, [N, h, w, C].
  torch::Tensor draw_level(std::size_t level, const torch::Tensor& poses, const FrameWindow& window);

  SineLayer layer(std::size_t level, int index) const;

  SirenBodyRotatorOptions options_;
  torch::nn::ModuleList siren_layers_;
  Convolution last_linear_;
};
TORCH_MODULE(SirenBodyRotator);

/// Whether the levels of a rotator grow towards the frame's size, as the paper's do, or all have it.
enum class SirenResolution { multiple, single };

/// The size of level \p level of \p levels. A checkpoint does not hold it: of multiple resolutions, the last
/// level has the frame's size and each one before half of the next one's.
int siren_level_size(SirenResolution resolution, std::size_t level, std::size_t levels);

/// Reads number and widths of the levels and their layers off a checkpoint. Throws InputError.
SirenBodyRotatorOptions siren_body_options_of(const WeightShapes& shapes, SirenResolution resolution);

/// Table 6, "vanilla SIREN": draws the output image directly, so that alpha is 1 and the flow 0. The paper
/// does not give its sizes; nine sine layers of 192 match both the size (1.2 MB) and the measured cost
/// relative to the others.
class VanillaSirenBodyRotatorImpl : public StudentBodyRotator {
 public:
  explicit VanillaSirenBodyRotatorImpl(const SirenOptions& options = {
                                           .pose_size = 45, .width = 192, .sine_layers = 9});

  /// Throws InputError.
  static SirenOptions options_of(const WeightShapes& shapes);

  RotatorOutput rotate(const torch::Tensor& image, const torch::Tensor& poses,
                       const FrameWindow& window) override;

 private:
  Siren siren_;
};
TORCH_MODULE(VanillaSirenBodyRotator);

}  // namespace tha4
