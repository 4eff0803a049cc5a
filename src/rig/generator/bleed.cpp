#include "bleed.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

namespace tha4::generator {
namespace {

/// What bleed_colors() knows of a pixel.
enum class PixelState : std::uint8_t { blank, colored, in_next_ring };

class Bleeding {
 public:
  explicit Bleeding(RgbaImage& image)
      : image_(image), state_(static_cast<std::size_t>(image.width) * image.height, PixelState::blank) {
    for (std::size_t i = 0; i < state_.size(); ++i) {
      if (image.pixels[i * 4 + 3] > 0) state_[i] = PixelState::colored;
    }
  }

  /// The blank pixels beside coloured ones. Whole rows are looked at together: most of a sheet is blank.
  std::vector<std::size_t> first_ring() const {
    const auto width = static_cast<std::size_t>(image_.width);
    std::vector<std::size_t> ring;
    std::vector<std::uint8_t> near(width + 2);  // of three rows, with a column more on both sides
    for (int y = 0; y < image_.height; ++y) {
      std::fill(near.begin(), near.end(), std::uint8_t{0});
      for (int v = std::max(0, y - 1); v <= std::min(image_.height - 1, y + 1); ++v) {
        const PixelState* const row = &state_[static_cast<std::size_t>(v) * width];
        for (std::size_t x = 0; x < width; ++x) near[x + 1] |= static_cast<std::uint8_t>(row[x]);
      }
      if (std::memchr(near.data(), 1, near.size()) == nullptr) continue;
      const std::size_t start = static_cast<std::size_t>(y) * width;
      for (std::size_t x = 0; x < width; ++x) {
        if (state_[start + x] != PixelState::blank) continue;
        if ((near[x] | near[x + 1] | near[x + 2]) != 0) ring.push_back(start + x);
      }
    }
    return ring;
  }

  void color(const std::vector<std::size_t>& ring) {
    for (const std::size_t at : ring) {
      int sum[3] = {0, 0, 0};
      int count = 0;
      each_neighbour(at, [&](std::size_t near) {
        if (state_[near] != PixelState::colored) return;
        for (std::size_t c = 0; c < 3; ++c) sum[c] += image_.pixels[near * 4 + c];
        ++count;
      });
      for (std::size_t c = 0; c < 3; ++c) {
        image_.pixels[at * 4 + c] = static_cast<std::uint8_t>(sum[c] / count);
      }
    }
    for (const std::size_t at : ring) state_[at] = PixelState::colored;
  }

  /// The blank pixels beside those of \p ring.
  std::vector<std::size_t> next_ring(const std::vector<std::size_t>& ring) {
    std::vector<std::size_t> next;
    for (const std::size_t at : ring) {
      each_neighbour(at, [&](std::size_t near) {
        if (state_[near] != PixelState::blank) return;
        state_[near] = PixelState::in_next_ring;
        next.push_back(near);
      });
    }
    return next;
  }

 private:
  template <class Visit>
  void each_neighbour(std::size_t at, const Visit& visit) const {
    const auto width = static_cast<std::size_t>(image_.width);
    const int x = static_cast<int>(at % width);
    const int y = static_cast<int>(at / width);
    for (int v = std::max(0, y - 1); v <= std::min(image_.height - 1, y + 1); ++v) {
      for (int u = std::max(0, x - 1); u <= std::min(image_.width - 1, x + 1); ++u) {
        visit(static_cast<std::size_t>(v) * width + static_cast<std::size_t>(u));
      }
    }
  }

  RgbaImage& image_;
  std::vector<PixelState> state_;
};

}  // namespace

void bleed_colors(RgbaImage& image, int distance) {
  Bleeding bleeding(image);
  std::vector<std::size_t> ring = bleeding.first_ring();
  for (int i = 0; i < distance; ++i) {
    bleeding.color(ring);
    ring = bleeding.next_ring(ring);
  }
}

}  // namespace tha4::generator
