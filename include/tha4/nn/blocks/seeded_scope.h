#pragma once

#include <cstdint>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

namespace tha4 {

/// While one of these lives, LibTorch's default generator of the CPU, from which networks are initialised,
/// gives the numbers that it gives after torch::manual_seed(\p seed); afterwards it goes on as if nothing had
/// been drawn meanwhile. Generators of other devices are left alone. Other threads that draw from the same
/// generator at that time get the numbers of the seed, too.
class SeededScope {
 public:
  explicit SeededScope(std::uint64_t seed);
  ~SeededScope();
  SeededScope(const SeededScope&) = delete;
  SeededScope& operator=(const SeededScope&) = delete;

 private:
  at::Generator generator_;
  at::Tensor state_before_;
};

}  // namespace tha4
