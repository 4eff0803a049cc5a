#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// Loss scaling (Micikevicius et al. 2018), by which the gradients of float16 keep clear of zero: the loss is
/// multiplied by a scale that is halved when gradients overflow and doubled after many steps without.
class LossScale {
 public:
  /// \param device  of the gradients
  explicit LossScale(c10::Device device);

  /// \p loss as backward shall see it.
  at::Tensor scaled(const at::Tensor& loss) const { return loss * scale_; }

  /// Divides \p gradients (float32, not empty), which are those of a scaled loss, by the scale, in place, and
  /// adapts the scale. Returns a scalar on the device: 1 where some are not finite, whose step must be left
  /// out; else 0.
  at::Tensor unscale(const std::vector<at::Tensor>& gradients);

  /// "loss_scale" and "good_steps", sharing memory.
  StateDict state() const;

  /// Goes back to what state() returned. Throws InputError naming \p source where it does not fit, and is
  /// then as it was.
  void restore(const StateDict& state, const std::string& source);

 private:
  at::Tensor scale_;
  at::Tensor good_steps_;  ///< int32: since the scale last changed
};

}  // namespace tha4
