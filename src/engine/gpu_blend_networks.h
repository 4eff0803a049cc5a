#pragma once

#include "gpu_blend_sums.h"
#include "gpu_networks.h"

namespace tha4 {

/// A face morpher that is a blendshape: three launches.
class GpuBlendFace final : public GpuFaceMorpher {
 public:
  GpuBlendFace(BlendshapeFaceMorpherImpl& network, c10::Device device);
  void draw(const GpuPoses& poses, float* face, float* images) override;

 private:
  BlendLauncher launcher_;
  GpuBlendSums sums_;
  at::Tensor mean_;             ///< [4, 128, 128]
  at::Tensor places_, planes_;  ///< see BlendFace
  int regions_ = 0;
  int results_ = 0;    ///< of a pose
  at::Tensor values_;  ///< [N, results]
};

/// A body rotator that is a blendshape: two launches for the maps, one for the pixels.
class GpuBlendBody final : public GpuBodyRotator {
 public:
  GpuBlendBody(BlendshapeBodyRotatorImpl& network, c10::Device device);
  void draw_maps(const GpuPoses& poses, const FrameWindow& window) override;
  void draw_pixels(const GpuPoses& poses, kernels::BodyPixels pixels) override;

 private:
  /// \param place  of the map among the results of a pose
  void add_map(const TiledBlendProgram& map, int place);

  BlendLauncher launcher_;
  GpuBlendSums sums_;
  int flow_size_, appearance_size_;
  int motion_size_ = 0;  ///< 0: there is none
  at::Tensor means_;     ///< [results of a pose]: all maps, as they are where no tile has a basis
  at::Tensor maps_;      ///< [N, results of a pose]
  FrameWindow window_;
};

}  // namespace tha4
