#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/train/learning_rate.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// What one step of the optimiser did: scalars on its device.
struct AdamStep {
  at::Tensor gradient_norm;  ///< Euclidean, of the loss that was not scaled; 0 where the step was left out
  at::Tensor count;          ///< 1; 0 where the step was left out
};

/// Adam (Kingma and Ba 2015) in one operation for all parameters, as PyTorch's fused=True. With loss scaling,
/// for float16: the gradients are those of the scaled loss; a step whose gradients are not finite is left out
/// and halves the scale, and many good ones double it.
class FusedAdam {
 public:
  /// \param parameters  float32, on one device; those without a gradient are left alone by a step
  FusedAdam(std::vector<at::Tensor> parameters, const AdamConfig& config, bool scales_loss = false);

  /// What the loss must be multiplied by before backward; undefined without loss scaling.
  const at::Tensor& loss_scale() const { return scale_; }

  /// One step down the present gradients.
  AdamStep step(double learning_rate);

  /// Forgets the gradients.
  void zero_grad();

  /// Moments, numbers of steps and loss scale: "<i>.exp_avg", "<i>.exp_avg_sq", "<i>.step", "loss_scale" and
  /// so on, sharing memory.
  StateDict state() const;

  /// Goes back to what state() returned. Throws InputError naming \p source where it does not fit.
  void restore(const StateDict& state, const std::string& source);

 private:
  std::vector<at::Tensor> parameters_;
  AdamConfig config_;
  std::vector<at::Tensor> exp_avg_;
  std::vector<at::Tensor> exp_avg_sq_;
  std::vector<at::Tensor> steps_;  ///< float32 scalars, as the operation wants them
  at::Tensor scale_;
  at::Tensor good_steps_;  ///< int32: since the scale last changed
};

}  // namespace tha4
