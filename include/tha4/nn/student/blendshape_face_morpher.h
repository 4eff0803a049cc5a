#pragma once

#include <vector>

#include <torch/nn/modules/container/modulelist.h>

#include "tha4/nn/student/blend_weights.h"
#include "tha4/nn/student/student_network.h"

namespace tha4 {

/// The most regions of a blendshape face morpher.
inline constexpr std::int64_t kMaxFaceRegions = 256;

/// Sizes of one region of a blendshape face morpher.
struct BlendshapeRegionOptions {
  int pixels;       ///< of the face crop that belong to it
  int basis_size;   ///< basis images
  int width = 256;  ///< of the MLP's hidden layers
  int hidden_layers = 4;
};

/// A part of the face crop, an eye for example, that moves by itself: a basis of images of its own, whose
/// blend weights are an MLP of the face parameters.
class BlendshapeRegionImpl : public torch::nn::Module {
 public:
  explicit BlendshapeRegionImpl(const BlendshapeRegionOptions& options);

  /// What to add to the mean at the region's pixels.
  /// \param face_poses  [N, 39]
  /// \return [N, 4, pixels]
  torch::Tensor forward(const torch::Tensor& face_poses);

  torch::Tensor pixels;  ///< buffer, int64 [pixels], row-major indices into the face crop
  torch::Tensor basis;   ///< [basis_size, 4 * pixels]
  BlendWeights weights;
};
TORCH_MODULE(BlendshapeRegion);

/// The blendshape kind of face morpher (docs/architecture.md, "Words"): a mean image plus, region by region,
/// the weighted sum of basis images. Regions that move by themselves have bases of their own, since a basis
/// of whole faces would need an image for every combination of eyes and mouth.
class BlendshapeFaceMorpherImpl : public StudentFaceMorpher {
 public:
  explicit BlendshapeFaceMorpherImpl(const std::vector<BlendshapeRegionOptions>& options);

  /// Throws InputError.
  static std::vector<BlendshapeRegionOptions> options_of(const WeightShapes& shapes);

  /// Throws InputError naming \p source if a pixel index that was loaded is outside the face crop.
  void check_indices(const std::string& source) const;

  torch::Tensor draw(const torch::Tensor& face_poses) override;

  std::size_t region_count() const { return regions_->size(); }
  BlendshapeRegion region(std::size_t index) const;

  torch::Tensor mean;  ///< [4, 128, 128]

 private:
  torch::nn::ModuleList regions_;
};
TORCH_MODULE(BlendshapeFaceMorpher);

}  // namespace tha4
