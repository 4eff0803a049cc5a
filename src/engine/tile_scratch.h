#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "siren_program.h"
#include <hwy/aligned_allocator.h>

namespace tha4 {

/// Memory for the values of a tile, of one thread.
class TileScratch {
 public:
  explicit TileScratch(const SirenProgram& program);

  /// Of a layer, and of the one after it.
  std::int16_t* sines(int which) { return sines_[which].get(); }
  /// Of a row of a map, see FeatureMap::row().
  float* cells() { return cells_.data(); }

 private:
  std::array<hwy::AlignedFreeUniquePtr<std::int16_t[]>, 2> sines_;
  std::vector<float> cells_;
};

}  // namespace tha4
