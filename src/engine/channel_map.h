#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include <hwy/aligned_allocator.h>

// Pictures of many channels, as the kernels of a teacher's networks read and write them.

namespace tha4 {

/// How a map's values are stored. Sums are of float32 whatever it is.
enum class MapType { bf16, fp32 };

inline std::size_t size_of(MapType type) {
  return type == MapType::bf16 ? sizeof(std::uint16_t) : sizeof(float);
}

/// Channels of a map come in sixteens; those that a network does not have are 0.
inline constexpr int kChannelStep = 16;

inline int padded_channels(std::int64_t channels) {
  return static_cast<int>((channels + kChannelStep - 1) / kChannelStep * kChannelStep);
}

/// A map whose channels lie beside each other, and its pixels in rows. Around the picture, whose sizes count
/// as even, there is a pixel of zeros on each side.
struct MapView {
  std::byte* origin = nullptr;  ///< the first pixel of the picture
  int height = 0, width = 0;
  int channels = 0;  ///< a multiple of kChannelStep
  MapType type = MapType::fp32;

  /// Values from a row to the next one.
  std::ptrdiff_t row_step() const { return static_cast<std::ptrdiff_t>(width + width % 2 + 2) * channels; }
  /// From (-1, -1) to the end of the picture with its border.
  std::size_t values() const {
    return static_cast<std::size_t>(row_step()) * static_cast<std::size_t>(height + height % 2 + 2);
  }
  std::byte* pixel(int y, int x) const {
    return origin + (y * row_step() + static_cast<std::ptrdiff_t>(x) * channels) *
                        static_cast<std::ptrdiff_t>(size_of(type));
  }
};

/// Memory of maps, which is used again: the border of a map is written once.
class MapPool {
 public:
  explicit MapPool(MapType type) : type_(type) {}

  /// A map whose picture holds anything; it goes back when the pointer is given up, which must be before the
  /// pool is.
  std::shared_ptr<const MapView> take(int height, int width, int channels);
  /// The same, of a type of its own.
  std::shared_ptr<const MapView> take(int height, int width, int channels, MapType type);

  MapType type() const { return type_; }

 private:
  using Memory = hwy::AlignedFreeUniquePtr<std::byte[]>;
  using Shape = std::tuple<int, int, int, MapType>;

  MapType type_;
  std::map<Shape, std::vector<Memory>> free_;
};

}  // namespace tha4
