#include "channel_map.h"

#include <algorithm>
#include <utility>

namespace tha4 {
namespace {

/// Rows and pixels beyond a map that kernels may read, and make nothing of.
constexpr std::size_t kRowsBeyond = 2, kPixelsBeyond = 32;

std::size_t bytes_of(const MapView& view) {
  const std::size_t beyond = kRowsBeyond * static_cast<std::size_t>(view.row_step()) +
                             kPixelsBeyond * static_cast<std::size_t>(view.channels);
  return (view.values() + beyond) * size_of(view.type);
}

}  // namespace

std::shared_ptr<const MapView> MapPool::take(int height, int width, int channels) {
  return take(height, width, channels, type_);
}

std::shared_ptr<const MapView> MapPool::take(int height, int width, int channels, MapType type) {
  MapView view{.height = height, .width = width, .channels = channels, .type = type};
  std::vector<Memory>& free = free_[{height, width, channels, type}];
  Memory memory;
  if (free.empty()) {
    memory = hwy::AllocateAligned<std::byte>(bytes_of(view));
    std::fill_n(memory.get(), bytes_of(view), std::byte{0});
  } else {
    memory = std::move(free.back());
    free.pop_back();
  }
  const std::ptrdiff_t first = (view.row_step() + view.channels) * static_cast<std::ptrdiff_t>(size_of(type));
  view.origin = memory.get() + first;
  const auto shared = std::make_shared<Memory>(std::move(memory));
  return {new MapView(view), [shared, &free](const MapView* used) {
            free.push_back(std::move(*shared));
            delete used;
          }};
}

}  // namespace tha4
