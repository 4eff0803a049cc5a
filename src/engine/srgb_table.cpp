#include "srgb_table.h"

#include <array>

#include "tha4/image/srgb.h"

namespace tha4 {

const std::uint8_t* srgb_table() {
  static const std::array<std::uint8_t, kSrgbBins> table = [] {
    std::array<std::uint8_t, kSrgbBins> levels{};
    for (std::size_t i = 0; i < levels.size(); ++i) {
      levels[i] = srgb_levels()((static_cast<float>(i) + 0.5F) / kSrgbBins);
    }
    return levels;
  }();
  return table.data();
}

}  // namespace tha4
