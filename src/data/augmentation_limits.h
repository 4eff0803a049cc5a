#pragma once

#include <cstddef>

namespace tha4 {

/// The most strands that are painted over a picture.
inline constexpr std::size_t kMaxStrands = 6;

}  // namespace tha4
