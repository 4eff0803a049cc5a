#include "tha4/train/training.h"

#include <random>

#include "tha4/pose/pose_sampler.h"

namespace tha4 {

std::uint64_t step_seed(std::uint64_t seed, std::int64_t examples_seen) {
  // splitmix64 (Steele, Lea, Flood 2014): neighbouring inputs give unrelated outputs.
  std::uint64_t x = seed + 0x9e3779b97f4a7c15ULL * (static_cast<std::uint64_t>(examples_seen) + 1);
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

std::vector<std::int64_t> draw_indices(std::uint64_t seed, int count, std::int64_t bound) {
  std::mt19937_64 generator(seed);
  std::vector<std::int64_t> indices;
  for (int i = 0; i < count; ++i) {
    indices.push_back(static_cast<std::int64_t>(uniform_unit(generator) * static_cast<double>(bound)));
  }
  return indices;
}

}  // namespace tha4
