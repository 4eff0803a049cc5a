#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tha4::generator {

/// Random numbers that are the same everywhere: xoshiro256**, seeded by splitmix64 from a seed and a name, so
/// that each part of a character has numbers of its own and one more choice in one leaves the others alone.
class SeededRandom {
 public:
  SeededRandom(std::uint64_t seed, std::string_view stream);

  std::uint64_t bits();
  /// In [least, most).
  float uniform(float min, float max);
  /// In [0, count); \p count is at least 1.
  std::size_t index(std::size_t count);
  bool chance(float probability) { return uniform(0, 1) < probability; }
  /// About 0, within [-spread, spread], small values more often.
  float jitter(float spread) { return (uniform(-1, 1) + uniform(-1, 1)) * 0.5F * spread; }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace tha4::generator
