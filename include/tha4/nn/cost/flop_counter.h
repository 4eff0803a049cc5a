#pragma once

#include <cstdint>

namespace tha4 {

/// Counts floating-point operations while it lives, from the shapes that LibTorch's operators are called
/// with: two, a multiplication and an addition, for each step of a convolution, a matrix product (linear
/// layers, einsum) or an attention, and of their gradients. What is elementwise, sampled, resized or
/// normalised does not count: it is a small fraction of these networks' work.
///
/// It sees the operators that its own thread calls, and the gradients that it waits for. One at a time in a
/// process: a second one throws Error.
class FlopCounter {
 public:
  FlopCounter();
  ~FlopCounter();
  FlopCounter(const FlopCounter&) = delete;
  FlopCounter& operator=(const FlopCounter&) = delete;

  std::int64_t flops() const;

 private:
  std::uint64_t callback_;
};

}  // namespace tha4
