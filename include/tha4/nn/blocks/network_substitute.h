#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

/// What takes the place of a network's own layers where no gradient is wanted, by whatever it was made of.
class NetworkSubstitute {
 public:
  virtual ~NetworkSubstitute() = default;

  /// \param image  [N, inputs, H, W]
  /// \param pose   [N, pose_size]
  /// \return [N, outputs, H, W]
  virtual at::Tensor forward(const at::Tensor& image, const at::Tensor& pose) = 0;
};

}  // namespace tha4
