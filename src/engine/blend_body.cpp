#include "blend_body.h"

#include <algorithm>

namespace tha4 {
namespace {

/// Rows of the window that a thread draws at a time.
constexpr int kBandRows = 8;

}  // namespace

BlendBody::BlendBody(BlendshapeBodyRotatorImpl& network, TileWorkers& workers)
    : workers_(workers),
      flow_(make_blend_program(*network.flow, kFlowTolerance), workers.threads()),
      appearance_(make_blend_program(*network.appearance, kColorTolerance), workers.threads()),
      cells_(static_cast<std::size_t>(workers.threads()),
             std::vector<float>(blend_scratch_size(std::max(flow_.size(), appearance_.size())))) {}

void BlendBody::draw_maps(const float* pose, const FrameWindow& window) {
  workers_.run(2, [&](std::int64_t task, int) { (task == 0 ? flow_ : appearance_).begin(pose); });
  const int flow_tiles = flow_.choose_tiles(window), appearance_tiles = appearance_.choose_tiles(window);
  workers_.run(flow_tiles + appearance_tiles, [&](std::int64_t task, int thread) {
    const int tile = static_cast<int>(task);
    if (tile < flow_tiles) {
      flow_.draw_tile(tile, thread);
    } else {
      appearance_.draw_tile(tile - flow_tiles, thread);
    }
  });
}

void BlendBody::draw_pixels(const FixedImage& image, const FrameWindow& window,
                            const std::function<void(const BlendTask&, float*, const Run&)>& take) {
  const Region& region = window.region;
  const int bands = (region.height + kBandRows - 1) / kBandRows;
  workers_.run(bands, [&](std::int64_t band, int thread) {
    float* const cells = cells_[static_cast<std::size_t>(thread)].data();
    const int first = region.y + static_cast<int>(band) * kBandRows;
    const int last = std::min(first + kBandRows, region.y + region.height);
    for (int y = first; y < last; ++y) {
      for (int x = region.x / kTileLength * kTileLength; x < region.x + region.width; x += kTileLength) {
        const int begin = std::max(x, region.x);
        const int end = std::min(x + kTileLength, region.x + region.width);
        const int whole = std::min(kTileLength, window.resolution - x);
        const SampledMap appearance = appearance_.samples(x, whole, y);
        SampledMap flow = flow_.samples(x, whole, y);
        flow.map = &flow_.map();
        const BlendTask task{.resolution = window.resolution,
                             .x = x,
                             .y = y,
                             .image = &image,
                             .flow = flow,
                             .appearance = appearance};
        take(task, cells, {.x = begin, .y = y, .offset = begin - x, .count = end - begin});
      }
    }
  });
}

}  // namespace tha4
