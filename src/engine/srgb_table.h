#pragma once

#include <cstdint>

namespace tha4 {

/// Bins of linear light from 0 to 1: near black, five of them are one level of 8-bit sRGB.
inline constexpr int kSrgbBins = 1 << 14;

/// The level of 8-bit sRGB at the middle of each bin.
const std::uint8_t* srgb_table();

}  // namespace tha4
