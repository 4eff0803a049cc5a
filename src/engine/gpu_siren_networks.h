#pragma once

#include <deque>
#include <vector>

#include "gpu_networks.h"
#include "gpu_siren_level.h"

#include "tha4/base/cuda_program.h"

namespace tha4 {

/// Whether a character's SIRENs have layers that a GPU of these limits has room for.
bool siren_face_fits(const Character& character, const CudaLimits& limits);
bool siren_body_fits(const Character& character, const CudaLimits& limits);

/// A face morpher that is a SIREN: one launch.
class GpuSirenFace final : public GpuFaceMorpher {
 public:
  GpuSirenFace(const Character& character, c10::Device device);
  void draw(const GpuPoses& poses, float* face, float* images) override;

 private:
  GpuSirenLevel level_;
};

/// A body rotator that is a SIREN: a launch for each level.
class GpuSirenBody final : public GpuBodyRotator {
 public:
  GpuSirenBody(const Character& character, c10::Device device);
  void draw_maps(const GpuPoses& poses, const FrameWindow& window) override;
  void draw_pixels(const GpuPoses& poses, kernels::BodyPixels pixels) override;

 private:
  kernels::SirenLevel level_on_maps(std::size_t index, const GpuPoses& poses, const FrameWindow& window);
  const float* draw_map(std::size_t index, const GpuPoses& poses, const FrameWindow& window);

  c10::Device device_;
  std::deque<GpuSirenLevel> levels_;  ///< whose programs stay where they are
  std::vector<at::Tensor> maps_;      ///< [N, size, size, stride], of all levels but the last
  kernels::SirenLevel last_{};        ///< of draw_maps()
};

}  // namespace tha4
