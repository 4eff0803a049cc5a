#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// What a network that moves an image of H by W pixels by a flow and paints over it makes of N poses: a
/// teacher's rotators and editors, its face by one U-Net, and students' body rotators. Of the type of the
/// images. blended = (1 - alpha) * warped + alpha * direct.
struct RotatorOutput {
  at::Tensor blended;  ///< [N, 4, H, W]
  at::Tensor warped;   ///< [N, 4, H, W], the image through `flow`
  at::Tensor direct;   ///< [N, 4, H, W], colours that were generated
  at::Tensor alpha;  ///< [N, 1, H, W], fraction of `direct`; of a THA3 editor [N, 4, H, W], for each channel
  at::Tensor flow;   ///< [N, 2, H, W], offset to the identity sampling grid, x then y
};

}  // namespace tha4
