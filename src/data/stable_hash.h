#pragma once

#include <cstdint>
#include <string_view>

// Hashes that are the same on every machine and in every version: they decide splits, seeds and orders.

namespace tha4 {

/// A bijection of 64-bit numbers that scatters neighbours (the finaliser of SplitMix64).
constexpr std::uint64_t scatter(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

/// Of several numbers, in order.
template <class... Numbers>
constexpr std::uint64_t hash_numbers(Numbers... numbers) {
  std::uint64_t hash = 0;
  ((hash = scatter(hash ^ static_cast<std::uint64_t>(numbers))), ...);
  return hash;
}

/// FNV-1a, scattered: its upper bits alone change too little from one short text to the next.
constexpr std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return scatter(hash);
}

/// A hash as a number in [0, 1).
constexpr double unit_of(std::uint64_t hash) {
  return static_cast<double>(hash >> 11) * 0x1p-53;
}

}  // namespace tha4
