#include "seeded_random.h"

#include <bit>

namespace tha4::generator {

SeededRandom::SeededRandom(std::uint64_t seed, std::string_view stream) {
  std::uint64_t name = 0xcbf29ce484222325U;  // FNV-1a
  for (const char letter : stream) name = (name ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
  std::uint64_t mixed = seed ^ name;
  for (std::uint64_t& word : state_) {
    mixed += 0x9e3779b97f4a7c15U;
    std::uint64_t value = mixed;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    word = value ^ (value >> 31U);
  }
}

std::uint64_t SeededRandom::bits() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

float SeededRandom::uniform(float min, float max) {
  const float unit = static_cast<float>(bits() >> 40U) * 0x1p-24F;
  return min + (max - min) * unit;
}

std::size_t SeededRandom::index(std::size_t count) {
  return static_cast<std::size_t>(bits() % count);
}

}  // namespace tha4::generator
