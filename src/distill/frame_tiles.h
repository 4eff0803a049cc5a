#pragma once

#include <cstdint>
#include <vector>

#include "kernels/siren_pass_arguments.h"
#include <ATen/core/Tensor.h>

#include "tha4/image/region.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// How much memory of the device pixels may take; more than that lies in the machine's memory, where kernels
/// of a GPU read it as well.
struct FrameMemory {
  std::int64_t max_bytes = 0;  ///< 0: as many as there are
  std::int64_t left = 0;       ///< bytes of the device that are left to others
};

/// Flow, direct colours and alpha of a teacher's frames, 9 bytes a pixel, of those tiles that are kept.
class FrameTiles {
 public:
  static constexpr int kSide = kernels::kTileSide;
  static constexpr int kAcross = kImageSize / kSide;  ///< tiles along a side of the frame

  FrameTiles(std::int64_t frames, c10::Device device, const FrameMemory& memory = {});

  /// Which tiles of frames with such alpha, [N, 512, 512] in [-1, 1], have something drawn in or near them:
  /// bool [N, kAcross, kAcross].
  static at::Tensor drawn(const at::Tensor& alpha);

  /// All tiles of whole frames, uint8 [N, tiles, bytes].
  static at::Tensor all_of(const PosedFrame& frame);

  /// Keeps the tiles \p kept, such as drawn() gives, of \p tiles, which are all of whole frames, the first of
  /// which has the number \p first. Each frame once; waits for the device.
  void put(std::int64_t first, const at::Tensor& tiles, const at::Tensor& kept);

  /// Takes room for all tiles of all frames, which put_whole() fills as often as it likes.
  void make_room_for_all();
  void put_whole(std::int64_t first, const PosedFrame& frame);

  /// What is kept of the frames \p indices within \p window.
  struct Planes {
    at::Tensor flow;    ///< [N, 2, H, W], 0 where nothing is kept
    at::Tensor direct;  ///< [N, 4, H, W], there transparent
    at::Tensor alpha;   ///< [N, 1, H, W], there 0
  };
  Planes planes(const std::vector<std::int64_t>& indices, const Region& window) const;

  /// Where that is, [N, 1, H, W] of 1 and 0.
  at::Tensor kept(const std::vector<std::int64_t>& indices, const Region& window) const;

  /// Likewise of all frames by tiles, bool [frames, kAcross, kAcross].
  at::Tensor all_kept() const { return (numbers_ >= 0).view({-1, kAcross, kAcross}); }

  /// As kernels read it; valid while this lives.
  const int* numbers() const;
  const unsigned char* const* chunks() const;

  std::int64_t device_bytes() const { return device_bytes_; }
  std::int64_t machine_bytes() const { return machine_bytes_; }

 private:
  at::Tensor numbers_of(const std::vector<std::int64_t>& indices, const Region& tiles) const;
  at::Tensor new_chunk();
  bool has_room(std::int64_t bytes);
  void write(std::int64_t at, const at::Tensor& tiles);
  at::Tensor read(const at::Tensor& numbers) const;

  c10::Device device_;
  FrameMemory memory_;
  at::Tensor numbers_;              ///< int32 [frames, tiles], -1 where nothing is kept
  std::vector<at::Tensor> chunks_;  ///< uint8 [kChunkTiles, kTileBytes] each
  at::Tensor table_;                ///< their addresses, on the device
  std::int64_t tiles_ = 0;          ///< that are kept
  std::int64_t device_bytes_ = 0, machine_bytes_ = 0;
  bool is_full_ = false;
};

}  // namespace tha4
