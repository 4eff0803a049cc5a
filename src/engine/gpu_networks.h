#pragma once

#include <memory>

#include "body_pixels_arguments.h"
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/image/region.h"
#include "tha4/poser/character.h"

// A character's two networks on a GPU, each as kernels of the project's own.

namespace tha4 {

/// Poses that the networks draw at a time: so many maps and images are kept.
inline constexpr std::int64_t kMaxGpuBatch = 8;

/// Poses of a batch, [N, 45] float32, contiguous: on the GPU, or a single one on the CPU, which travels in
/// the launches' arguments.
using GpuPoses = at::Tensor;

/// Draws face crops.
class GpuFaceMorpher {
 public:
  virtual ~GpuFaceMorpher() = default;

  /// Queues the face crops of \p poses.
  /// \param face    [N, 4, 128, 128]; null: not written
  /// \param images  [N, 512, 512, 4], into which they are pasted; null: they are not
  virtual void draw(const GpuPoses& poses, float* face, float* images) = 0;
};

/// Draws frames.
class GpuBodyRotator {
 public:
  virtual ~GpuBodyRotator() = default;

  /// Queues whatever the pixels of \p window are made of but the image and the places where they go.
  virtual void draw_maps(const GpuPoses& poses, const FrameWindow& window) = 0;

  /// Queues the pixels of the window that draw_maps() was called for last, with the same poses.
  /// \param pixels  its image and its places; the window is filled in
  virtual void draw_pixels(const GpuPoses& poses, kernels::BodyPixels pixels) = 0;
};

/// Throw Error where there are no kernels for a network, see why_not_on_gpu().
std::unique_ptr<GpuFaceMorpher> gpu_face_morpher(const Character& character, c10::Device device);
std::unique_ptr<GpuBodyRotator> gpu_body_rotator(const Character& character, c10::Device device);

}  // namespace tha4
