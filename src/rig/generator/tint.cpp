#include "tint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace tha4::generator {
namespace {

constexpr std::size_t kChannels = 3;

/// A tint as its pixels' bytes lie: blue, green, red.
struct ByteTint {
  std::array<float, kChannels> factor;
  std::array<float, kChannels> added;  ///< of a pixel whose alpha is 1
};

ByteTint as_bytes(const Tint& tint) {
  return {{tint.factor.b, tint.factor.g, tint.factor.r}, {tint.added.b, tint.added.g, tint.added.r}};
}

ByteTint between(const ByteTint& first, const ByteTint& second, float fraction) {
  ByteTint result;
  for (std::size_t c = 0; c < kChannels; ++c) {
    result.factor[c] = first.factor[c] + (second.factor[c] - first.factor[c]) * fraction;
    result.added[c] = first.added[c] + (second.added[c] - first.added[c]) * fraction;
  }
  return result;
}

/// Two neighbouring cells of a row or a column, and how near the second one is.
struct Neighbours {
  std::size_t first;
  std::size_t second;
  float fraction;
};

Neighbours neighbours(int pixel, int pixels, int cells) {
  const float place =
      (static_cast<float>(pixel) + 0.5F) * static_cast<float>(cells) / static_cast<float>(pixels);
  const float from_middle = std::clamp(place - 0.5F, 0.0F, static_cast<float>(cells - 1));
  const auto first = static_cast<std::size_t>(from_middle);
  return {first, std::min(first + 1, static_cast<std::size_t>(cells - 1)),
          from_middle - static_cast<float>(first)};
}

}  // namespace

void tint(const PixelRows& pixels, const TintGrid& grid) {
  const auto columns = static_cast<std::size_t>(grid.columns);
  std::vector<ByteTint> cells;
  cells.reserve(grid.tints.size());
  for (const Tint& tint : grid.tints) cells.push_back(as_bytes(tint));
  std::vector<Neighbours> across;
  for (int x = 0; x < pixels.width; ++x) across.push_back(neighbours(x, pixels.width, grid.columns));
  std::vector<ByteTint> row(columns);
  for (int y = 0; y < pixels.height; ++y) {
    const Neighbours down = neighbours(y, pixels.height, grid.rows);
    for (std::size_t i = 0; i < columns; ++i) {
      row[i] = between(cells[down.first * columns + i], cells[down.second * columns + i], down.fraction);
    }
    std::uint8_t* pixel = pixels.data + y * pixels.stride;
    for (int x = 0; x < pixels.width; ++x, pixel += 4) {
      const std::uint8_t alpha = pixel[3];
      if (alpha == 0) continue;
      const Neighbours& at = across[static_cast<std::size_t>(x)];
      const ByteTint& first = row[at.first];
      const ByteTint& second = row[at.second];
      for (std::size_t c = 0; c < kChannels; ++c) {
        const float factor = first.factor[c] + (second.factor[c] - first.factor[c]) * at.fraction;
        const float added = first.added[c] + (second.added[c] - first.added[c]) * at.fraction;
        const float value = static_cast<float>(pixel[c]) * factor + static_cast<float>(alpha) * added + 0.5F;
        pixel[c] = std::min(alpha, static_cast<std::uint8_t>(value));
      }
    }
  }
}

}  // namespace tha4::generator
