#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "soap.h"
#include <ATen/core/Tensor.h>

#include "tha4/train/learning_rate.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// SOAP for the parameters of LibTorch's layers, in the place of Adam (adam.h).
class SoapOptimizer {
 public:
  /// \param network  names of the parameters, sharing memory
  SoapOptimizer(const StateDict& network, const AdamConfig& adam, int steps, double decay);

  /// One step down the present gradients.
  void step(double learning_rate);

  /// Moments and number of steps, and what Soap::state() holds.
  StateDict state() const;

  /// Goes back to that. Throws InputError naming \p source where it does not fit.
  void restore(const StateDict& state, const std::string& source);

 private:
  AdamConfig adam_;
  std::vector<at::Tensor> parameters_;
  Soap soap_;
  at::Tensor moments1_, moments2_;  ///< of all parameters, one after the other
  std::int64_t steps_ = 0;
};

}  // namespace tha4
