#pragma once

#include <span>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/train/learning_rate.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// Adam (Kingma and Ba 2015) with decoupled weight decay (AdamW, Loshchilov and Hutter 2019), in one
/// operation for all parameters of a group, as PyTorch's fused=True.
class Adam {
 public:
  /// Parameters that share a learning rate; floating point, on one device.
  using Group = std::vector<at::Tensor>;

  /// Of one group. Throws Error where there is no parameter.
  Adam(Group parameters, const AdamConfig& config);

  /// Of several groups. Throws Error where one of them has no parameter.
  Adam(const std::vector<Group>& groups, const AdamConfig& config);

  /// One step down the present gradients. A parameter without a gradient is left alone. Throws Error where
  /// there is no gradient at all.
  /// \param overflow  0; or 1 on the parameters' device, where the step is left out. Undefined: 0
  void step(double learning_rate, const at::Tensor& overflow = {});

  /// Likewise with a learning rate for each group.
  void step(std::span<const double> learning_rates, const at::Tensor& overflow = {});

  /// What is kept of a parameter, sharing memory.
  struct Moments {
    at::Tensor exp_avg, exp_avg_sq;  ///< of the parameter's shape
    at::Tensor step;                 ///< a floating scalar: steps so far
  };

  /// That of \p parameter, one of those that were given, for whoever steps it by kernels of its own: it is
  /// given no gradient then. Throws Error for another tensor.
  Moments moments_of(const at::Tensor& parameter) const;

  const AdamConfig& config() const { return config_; }

  static constexpr double kEpsilon = 1e-8;  ///< as in the paper by Kingma and Ba, and PyTorch

  /// The present gradients, sharing memory.
  std::vector<at::Tensor> gradients() const;

  /// Forgets the gradients.
  void zero_grad();

  /// Moments and numbers of steps, "<i>.exp_avg", "<i>.exp_avg_sq" and "<i>.step" where i counts through all
  /// groups, sharing memory.
  StateDict state() const;

  /// Goes back to what state() returned; a parameter of which \p state holds nothing, to before its first
  /// step. Throws InputError naming \p source where it does not fit, and is then as it was.
  void restore(const StateDict& state, const std::string& source);

 private:
  void step_group(std::size_t group, double learning_rate, const at::Tensor& overflow);

  AdamConfig config_;
  std::vector<std::size_t> group_ends_;  ///< in the lists below
  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> exp_avg_;
  std::vector<at::Tensor> exp_avg_sq_;
  std::vector<at::Tensor> steps_;  ///< floating scalars, as the operation wants them
};

/// The Euclidean norm of all \p tensors (not empty) together, a scalar on their device.
at::Tensor norm_of(const std::vector<at::Tensor>& tensors);

}  // namespace tha4
