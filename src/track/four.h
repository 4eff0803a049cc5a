#pragma once

#include <cstring>

namespace tha4 {

/// Four numbers that are calculated at once: SSE2, NEON or WebAssembly's SIMD, whatever the compiler is for.
using Four = float __attribute__((vector_size(16)));

inline Four load_four(const float* place) {
  Four four;
  std::memcpy(&four, place, sizeof(four));
  return four;
}

inline void store_four(float* place, Four four) {
  std::memcpy(place, &four, sizeof(four));
}

inline Four fill_four(float value) {
  return Four{value, value, value, value};
}

/// Numbers that a row of \p channels takes in memory: whole fours.
constexpr int padded_channels(int channels) {
  return (channels + 3) / 4 * 4;
}

}  // namespace tha4
