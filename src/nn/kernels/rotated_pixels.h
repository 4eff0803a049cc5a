#pragma once

#include <initializer_list>

#include "tha4/nn/blocks/rotator_output.h"

// What lies between the networks that rotate a body, as single passes on GPUs, where LibTorch's operations
// are some fifty, each of which reads and writes whole images. Without gradients.

namespace tha4 {

/// Whether the passes below can be used for \p images: float32 on a GPU, where no gradients are recorded.
bool can_rotate_pixels(std::initializer_list<at::Tensor> images);

/// See rotator_output().
/// \param channels  [N, 7, H, W]
/// \param image     [N, 4, H, W]
RotatorOutput rotate_pixels(const at::Tensor& channels, const at::Tensor& image);

/// How a residual editor's result is limited.
struct EditLimits {
  double min_alpha;        ///< coarse alphas are kept so far from 0 and 1
  double max_flow_change;  ///< in half pictures
};

/// What becomes of a rotator's output at half the resolution when a residual editor changes it.
/// \param change  [N, 28, H/2, W/2]: 2x2 pixels of each of 7 channels, which are those of rotator_output()
/// \param image   [N, 4, H, W], H and W even
/// \param coarse  [N, ..., H/2, W/2]
RotatorOutput edit_pixels(const at::Tensor& change, const at::Tensor& image, const RotatorOutput& coarse,
                          const EditLimits& limits);

/// What the paper's editor looks at, [N, 14, H, W] of \p type: the image, the coarse result, the image
/// through the coarse flow, and that flow. \param image         [N, 4, H, W] \param coarse_posed  [N, 4, H,
/// W] \param coarse_flow   [N, 2, H, W]
at::Tensor gather_coarse(const at::Tensor& image, const at::Tensor& coarse_posed,
                         const at::Tensor& coarse_flow, at::ScalarType type);

/// What a residual editor looks at, [N, 43, H/2, W/2] of \p type: the image and the image through the coarse
/// flow, 2x2 pixels of each channel beside each other; the coarse blended and direct images, alpha and flow.
/// \param image   [N, 4, H, W], H and W even
/// \param coarse  [N, ..., H/2, W/2]
at::Tensor gather_folded(const at::Tensor& image, const RotatorOutput& coarse, at::ScalarType type);

}  // namespace tha4
