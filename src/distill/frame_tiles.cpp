#include "frame_tiles.h"

#include <algorithm>

#include <c10/core/CachingDeviceAllocator.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/peak_memory.h"

namespace tha4 {
namespace {

using kernels::kChunkTiles;
using kernels::kTileBytes;

constexpr int kTiles = FrameTiles::kAcross * FrameTiles::kAcross;
constexpr int kPixels = FrameTiles::kSide * FrameTiles::kSide;

/// Alpha, of 1, of a pixel in which something is drawn, and how near to it tiles are kept.
constexpr double kDrawnAlpha = 0.02;
constexpr int kNear = FrameTiles::kSide / 2;

/// Planes [N, C, 512, 512] tile by tile: [N * tiles, pixels * C].
at::Tensor tiled(const at::Tensor& planes) {
  constexpr int kSide = FrameTiles::kSide, kAcross = FrameTiles::kAcross;
  const std::int64_t frames = planes.size(0), channels = planes.size(1);
  return planes.reshape({frames, channels, kAcross, kSide, kAcross, kSide})
      .permute({0, 2, 4, 3, 5, 1})
      .reshape({frames * kTiles, kPixels * channels});
}

/// The tiles that \p window has pixels of.
Region tiles_around(const Region& window) {
  constexpr int kSide = FrameTiles::kSide;
  const int left = window.x / kSide, top = window.y / kSide;
  return {left, top, (window.x + window.width - 1) / kSide + 1 - left,
          (window.y + window.height - 1) / kSide + 1 - top};
}

/// The planes [N, C, H, W] of \p window, float32, of those \p tiles that are \p around it.
at::Tensor untiled(const at::Tensor& tiles, const Region& around, const Region& window) {
  constexpr int kSide = FrameTiles::kSide;
  const std::int64_t channels = tiles.size(1) / kPixels;
  return tiles.reshape({-1, around.height, around.width, kSide, kSide, channels})
      .permute({0, 5, 1, 3, 2, 4})
      .reshape({-1, channels, around.height * kSide, around.width * kSide})
      .narrow(2, window.y - around.y * kSide, window.height)
      .narrow(3, window.x - around.x * kSide, window.width)
      .to(torch::kFloat32)
      .contiguous();
}

at::Tensor bytes_of(const at::Tensor& values, double scale) {
  return (values * scale).round().clamp(0, 255).to(torch::kByte);
}

}  // namespace

FrameTiles::FrameTiles(std::int64_t frames, c10::Device device, const FrameMemory& memory)
    : device_(device),
      memory_(memory),
      numbers_(torch::full({frames, kTiles}, -1, torch::dtype(torch::kInt).device(device))),
      table_(torch::zeros({frames * kTiles / kChunkTiles + 1}, torch::dtype(torch::kLong).device(device))) {}

at::Tensor FrameTiles::drawn(const at::Tensor& alpha) {
  const at::Tensor pixels = (alpha > 2 * kDrawnAlpha - 1).to(torch::kFloat32).unsqueeze(1);
  return torch::max_pool2d(pixels, kSide + 2 * kNear, kSide, kNear).squeeze(1) > 0;
}

at::Tensor FrameTiles::all_of(const PosedFrame& frame) {
  const at::Tensor alpha = frame.alpha.mean(1, /*keepdim=*/true);  // the THA3 teacher has four
  return torch::cat({tiled(frame.flow.to(torch::kHalf)).view(torch::kByte),
                     tiled(bytes_of(frame.direct + 1, 127.5)), tiled(bytes_of(alpha, 255))},
                    1)
      .view({-1, kTiles, kTileBytes});
}

bool FrameTiles::has_room(std::int64_t bytes) {
  if (!device_.is_cuda()) return true;
  if (memory_.max_bytes > 0 && device_bytes_ + bytes > memory_.max_bytes) return false;
  auto* const allocator = c10::getDeviceAllocator(c10::kCUDA);
  const auto is_free = [&] {
    return static_cast<std::int64_t>(allocator->getMemoryInfo(device_.index()).first) >= memory_.left + bytes;
  };
  if (is_free()) return true;
  release_unused_memory(device_);
  return is_free();
}

at::Tensor FrameTiles::new_chunk() {
  constexpr std::int64_t kBytes = static_cast<std::int64_t>(kChunkTiles) * kTileBytes;
  is_full_ = is_full_ || !has_room(kBytes);
  (is_full_ ? machine_bytes_ : device_bytes_) += kBytes;
  const auto options = torch::dtype(torch::kByte);
  return torch::empty({kChunkTiles, kTileBytes},
                      is_full_ ? options.pinned_memory(true) : options.device(device_));
}

void FrameTiles::write(std::int64_t at, const at::Tensor& tiles) {
  for (std::int64_t done = 0; done < tiles.size(0);) {
    const std::int64_t chunk = (at + done) / kChunkTiles, row = (at + done) % kChunkTiles;
    if (chunk == static_cast<std::int64_t>(chunks_.size())) {
      chunks_.push_back(new_chunk());
      table_[chunk].fill_(
          static_cast<std::int64_t>(reinterpret_cast<std::intptr_t>(chunks_.back().data_ptr())));
    }
    const std::int64_t count = std::min(tiles.size(0) - done, kChunkTiles - row);
    chunks_[static_cast<std::size_t>(chunk)].narrow(0, row, count).copy_(tiles.narrow(0, done, count));
    done += count;
  }
}

void FrameTiles::put(std::int64_t first, const at::Tensor& tiles, const at::Tensor& kept) {
  const at::Tensor places = torch::nonzero(kept.reshape({-1})).view({-1});
  write(tiles_, tiles.reshape({-1, kTileBytes}).index_select(0, places));
  numbers_.narrow(0, first, tiles.size(0))
      .view({-1})
      .index_copy_(0, places, torch::arange(tiles_, tiles_ + places.size(0), numbers_.options()));
  tiles_ += places.size(0);
}

void FrameTiles::make_room_for_all() {
  tiles_ = numbers_.numel();
  numbers_ = torch::arange(tiles_, numbers_.options()).view(numbers_.sizes());
  const at::Tensor nothing = torch::zeros({kTiles, kTileBytes}, torch::dtype(torch::kByte).device(device_));
  for (std::int64_t at = 0; at < tiles_; at += kTiles) write(at, nothing);
}

void FrameTiles::put_whole(std::int64_t first, const PosedFrame& frame) {
  write(first * kTiles, all_of(frame).view({-1, kTileBytes}));
}

at::Tensor FrameTiles::read(const at::Tensor& numbers) const {
  at::Tensor tiles = torch::empty({numbers.size(0), kTileBytes}, torch::dtype(torch::kByte).device(device_));
  const at::Tensor chunk = torch::floor_divide(numbers, kChunkTiles), row = numbers % kChunkTiles;
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const at::Tensor places = torch::nonzero(chunk == static_cast<std::int64_t>(i)).view({-1});
    if (places.size(0) == 0) continue;
    const at::Tensor rows = row.index_select(0, places).to(chunks_[i].device());
    tiles.index_copy_(0, places.to(device_), chunks_[i].index_select(0, rows).to(device_));
  }
  return tiles;
}

at::Tensor FrameTiles::numbers_of(const std::vector<std::int64_t>& indices, const Region& tiles) const {
  return numbers_.index_select(0, torch::tensor(indices, torch::kLong).to(device_))
      .view({-1, kAcross, kAcross})
      .narrow(1, tiles.y, tiles.height)
      .narrow(2, tiles.x, tiles.width)
      .reshape({-1})
      .to(torch::kCPU, torch::kLong);
}

FrameTiles::Planes FrameTiles::planes(const std::vector<std::int64_t>& indices, const Region& window) const {
  const Region around = tiles_around(window);
  const at::Tensor numbers = numbers_of(indices, around);
  const at::Tensor places = torch::nonzero(numbers >= 0).view({-1});
  const at::Tensor tiles =
      torch::zeros({numbers.size(0), kTileBytes}, torch::dtype(torch::kByte).device(device_));
  tiles.index_copy_(0, places.to(device_), read(numbers.index_select(0, places)));
  const auto part = [&](int begin, int bytes) { return tiles.narrow(1, begin * kPixels, bytes * kPixels); };
  Planes planes;
  planes.flow = untiled(part(0, 4).contiguous().view(torch::kHalf), around, window);
  planes.direct = untiled(part(4, 4), around, window) / 127.5 - 1;
  planes.alpha = untiled(part(8, 1), around, window) / 255;
  return planes;
}

at::Tensor FrameTiles::kept(const std::vector<std::int64_t>& indices, const Region& window) const {
  const Region around = tiles_around(window);
  const at::Tensor is_kept = (numbers_of(indices, around) >= 0).to(device_);
  return untiled(is_kept.unsqueeze(1).expand({-1, kPixels}), around, window);
}

const int* FrameTiles::numbers() const {
  return numbers_.data_ptr<int>();
}

const unsigned char* const* FrameTiles::chunks() const {
  return reinterpret_cast<const unsigned char* const*>(table_.data_ptr<std::int64_t>());
}

}  // namespace tha4
