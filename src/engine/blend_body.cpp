#include "blend_body.h"

#include <algorithm>
#include <utility>

namespace tha4 {
namespace {

/// Rows of the window that a thread draws at a time.
constexpr int kBandRows = 8;

/// What integers of a moving flow stand for: 1, half the frame, is more than they need to hold beside a
/// motion.
constexpr int kFlowOne = 1 << 15;

}  // namespace

std::variant<BlendBody::StillMaps, BlendBody::MovingMaps> BlendBody::make_maps(
    BlendshapeBodyRotatorImpl& network, int threads) {
  TiledBlendProgram flow = make_blend_program(*network.flow, kFlowTolerance);
  TiledBlendProgram appearance = make_blend_program(*network.appearance, kColorTolerance);
  if (!network.motion) {
    return StillMaps{StillMap(std::move(flow), threads), StillMap(std::move(appearance), threads)};
  }
  return MovingMaps{MotionRows(make_blend_program(*network.motion, kFlowTolerance), threads),
                    BlendMap<FixedCells>(std::move(flow), threads, FixedCells(kFlowOne)),
                    BlendMap<FixedCells>(std::move(appearance), threads, FixedCells(FixedImage::kOne))};
}

BlendBody::BlendBody(BlendshapeBodyRotatorImpl& network, TileWorkers& workers)
    : workers_(workers),
      maps_(make_maps(network, workers.threads())),
      cells_(static_cast<std::size_t>(workers.threads()),
             std::vector<float>(blend_scratch_size(
                 std::max(network.flow->options().size, network.appearance->options().size)))) {}

template <class Map>
void BlendBody::draw_tiles(Map& flow, Map& appearance, int flow_tiles, int appearance_tiles) {
  workers_.run(flow_tiles + appearance_tiles, [&](std::int64_t task, int thread) {
    const int tile = static_cast<int>(task);
    if (tile < flow_tiles) {
      flow.draw_tile(tile, thread);
    } else {
      appearance.draw_tile(tile - flow_tiles, thread);
    }
  });
}

void BlendBody::draw_maps(const float* pose, const FrameWindow& window) {
  if (auto* const still = std::get_if<StillMaps>(&maps_)) {
    BlendMap<FeatureMap>& flow = still->flow.tiles();
    BlendMap<FeatureMap>& appearance = still->appearance.tiles();
    workers_.run(2, [&](std::int64_t task, int) { (task == 0 ? flow : appearance).begin(pose); });
    const int flow_tiles = still->flow.choose_tiles(window);
    draw_tiles(flow, appearance, flow_tiles, still->appearance.choose_tiles(window));
    return;
  }
  auto& [motion, flow, appearance] = std::get<MovingMaps>(maps_);
  workers_.run(3, [&, &motion = motion, &flow = flow, &appearance = appearance](std::int64_t task, int) {
    if (task == 0) motion.draw(pose, window);
    if (task == 1) flow.begin(pose);
    if (task == 2) appearance.begin(pose);
  });
  const int flow_tiles = flow.choose_tiles(motion.cells_led_to(flow.size()));
  draw_tiles(flow, appearance, flow_tiles, appearance.choose_tiles(motion.cells_led_to(appearance.size())));
}

void BlendBody::sample(const StillMaps& maps, int count, BlendTask& task) const {
  task.flow = maps.flow.all_samples(task.y);
  task.appearance = maps.appearance.samples(task.x, count, task.y);
}

void BlendBody::sample(const MovingMaps& maps, int, BlendTask& task) const {
  task.moved = {.motion = maps.motion.row(task.y),
                .flow = &maps.flow.map(),
                .appearance = &maps.appearance.map(),
                .zeros = &maps.appearance.zeros()};
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
        BlendTask task{.resolution = window.resolution,
                       .x = x,
                       .y = y,
                       .image = &image,
                       .flow = {},
                       .appearance = {},
                       .moved = {}};
        std::visit([&](const auto& maps) { sample(maps, whole, task); }, maps_);
        take(task, cells, {.x = begin, .y = y, .offset = begin - x, .count = end - begin});
      }
    }
  });
}

}  // namespace tha4
