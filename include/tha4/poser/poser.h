#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/image/region.h"

namespace tha4 {

/// What a poser makes of N poses. Image tensors (premultiplied, linear, [-1, 1]) unless said otherwise; H and
/// W are those of the region that was asked for. blended = (1 - alpha) * warped + alpha * direct.
struct PosedFrame {
  at::Tensor blended;  ///< [N, 4, H, W], the result
  at::Tensor warped;   ///< [N, 4, H, W], the face-pasted rest image sampled through the flow
  at::Tensor direct;   ///< [N, 4, H, W], colours that were generated
  at::Tensor alpha;    ///< [N, 1, H, W], fraction of `direct`; [N, 4, H, W] from the THA3 teacher
  at::Tensor flow;     ///< [N, 2, H, W], offset to the identity sampling grid, x then y
  at::Tensor face;     ///< [N, 4, 128, 128], the face crop with its new expression, before rotation
};

/// Anything that poses one character: teacher, THA3 teacher, student, rigged 3D character
/// (docs/architecture.md, "Words"). What depends on its rest image alone is computed once, when it is made.
class Poser {
 public:
  virtual ~Poser() = default;

  /// Frames of \p poses, float [N, 45] on any device; results are on device(). Throws InputError when
  /// \p window does not lie within its frame, or when this poser cannot draw at its resolution.
  virtual PosedFrame pose(const at::Tensor& poses, const FrameWindow& window = {}) = 0;

  /// Only the face crops of \p poses, [N, 4, 128, 128]: the `face` of pose() at less cost.
  virtual at::Tensor face(const at::Tensor& poses) = 0;

  /// The image tensor [4, 512, 512] of the character at rest.
  virtual const at::Tensor& rest_image() const = 0;

  virtual at::Device device() const = 0;

  /// Gives back the device's memory that it keeps for the next batches, which will take it anew.
  virtual void release_memory() {}
};

}  // namespace tha4
