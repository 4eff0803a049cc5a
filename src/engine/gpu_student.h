#pragma once

#include <memory>
#include <mutex>

#include "gpu_networks.h"

#include "tha4/engine/frame_painter.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// A character on a GPU: its networks, and the images that they draw on. Safe to use from several threads,
/// one at a time.
class GpuStudent {
 public:
  GpuStudent(const Character& character, c10::Device device);

  c10::Device device() const { return device_; }
  const at::Tensor& rest_image() const { return rest_image_; }

  PosedFrame draw(const GpuPoses& poses, const FrameWindow& window);
  at::Tensor draw_face(const GpuPoses& poses);

  /// Draws one frame straight to 8 bits.
  /// \param pose    [1, 45] on the CPU
  /// \param pixels  on the CPU
  void paint(const GpuPoses& pose, const FrameWindow& window, AlphaKind alpha, std::uint8_t* pixels);

 private:
  at::Tensor planes(std::int64_t poses, std::int64_t channels, const Region& region) const;
  void add_planes(PosedFrame& frame, std::int64_t poses, const Region& region) const;
  float* images_for(std::int64_t count);
  void draw_batch(const GpuPoses& all_poses, std::int64_t first, std::int64_t count,
                  const FrameWindow& window, PosedFrame& frame);

  c10::Device device_;
  at::Tensor rest_image_;
  std::unique_ptr<GpuFaceMorpher> face_;
  std::unique_ptr<GpuBodyRotator> body_;
  at::Tensor images_;       ///< [N, 512, 512, 4], with the faces of the last poses
  at::Tensor next_levels_;  ///< see BodyPixels
  at::Tensor picture_;      ///< uint8 [pixels * 4], on the GPU
  at::Tensor copy_;         ///< of that, on the CPU, where the GPU can write to
  std::mutex mutex_;
};

}  // namespace tha4
