#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// An exponential moving average of weights over the steps of their training.
class WeightAverage {
 public:
  /// Begins with the present values.
  /// \param parameters  of a network, whose memory they share
  /// \param decay       a step, within [0, 1); (1 + n) / (10 + n) in step n while that is less
  WeightAverage(std::vector<at::Tensor> parameters, double decay);

  /// Takes the present values in, after a step.
  void update();

  /// The average of each parameter.
  const std::vector<at::Tensor>& values() const { return values_; }

  /// Returns what \p work does while the parameters hold the average.
  template <class Work>
  auto while_in_place(Work work) {
    swap();
    try {
      auto result = work();
      swap();
      return result;
    } catch (...) {
      swap();
      throw;
    }
  }

  /// "average.<i>" and "average_count", sharing memory.
  StateDict state() const;

  /// Goes back to what state() returned. Throws InputError naming \p source where it does not fit, and is
  /// then as it was.
  void restore(const StateDict& state, const std::string& source);

 private:
  void swap();

  std::vector<at::Tensor> parameters_;
  std::vector<at::Tensor> values_;
  double decay_;
  at::Tensor count_;  ///< float64: of steps that are in it, on the CPU
};

}  // namespace tha4
