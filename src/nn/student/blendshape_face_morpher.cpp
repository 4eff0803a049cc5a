#include "tha4/nn/student/blendshape_face_morpher.h"

#include <algorithm>

#include <torch/nn/modules/container/modulelist.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

constexpr int kCropPixels = kFaceCrop.width * kFaceCrop.height;

}  // namespace

BlendshapeRegionImpl::BlendshapeRegionImpl(const BlendshapeRegionOptions& options)
    : pixels(register_buffer("pixels", torch::arange(options.pixels))),
      basis(register_parameter("basis", torch::zeros({options.basis_size, 4 * options.pixels}))),
      weights(register_module("weights",
                              BlendWeights(BlendWeightsOptions{.inputs = kFacePoseSize,
                                                               .outputs = options.basis_size,
                                                               .width = options.width,
                                                               .hidden_layers = options.hidden_layers}))) {}

torch::Tensor BlendshapeRegionImpl::forward(const torch::Tensor& face_poses) {
  return torch::matmul(weights->forward(face_poses), basis).view({face_poses.size(0), 4, pixels.size(0)});
}

BlendshapeFaceMorpherImpl::BlendshapeFaceMorpherImpl(const std::vector<BlendshapeRegionOptions>& options)
    : mean(register_parameter("mean", torch::zeros({4, kFaceCrop.height, kFaceCrop.width}))),
      regions_(register_module("regions", torch::nn::ModuleList())) {
  for (const BlendshapeRegionOptions& region_options : options) {
    regions_->push_back(BlendshapeRegion(region_options));
  }
}

torch::Tensor BlendshapeFaceMorpherImpl::draw(const torch::Tensor& face_poses) {
  torch::Tensor faces = mean.flatten(1).unsqueeze(0).repeat({face_poses.size(0), 1, 1});
  for (std::size_t i = 0; i < regions_->size(); ++i) {
    BlendshapeRegion part = region(i);
    faces = faces.index_add(2, part->pixels, part->forward(face_poses));
  }
  return faces.view({face_poses.size(0), 4, kFaceCrop.height, kFaceCrop.width});
}

BlendshapeRegion BlendshapeFaceMorpherImpl::region(std::size_t index) const {
  return BlendshapeRegion(regions_->ptr<BlendshapeRegionImpl>(index));
}

std::vector<BlendshapeRegionOptions> BlendshapeFaceMorpherImpl::options_of(const WeightShapes& shapes) {
  const std::int64_t count = std::max<std::int64_t>(shapes.count("regions", kMaxFaceRegions), 1);
  std::vector<BlendshapeRegionOptions> regions;
  for (std::int64_t i = 0; i < count; ++i) {
    const WeightShapes region = shapes.under("regions." + std::to_string(i) + ".");
    const std::int64_t basis_size = region.size("basis", 0);
    const std::int64_t pixels = region.size("basis", 1, 4 * kCropPixels) / 4;
    const BlendWeightsOptions weights =
        blend_weights_options_of(region.under("weights."), kFacePoseSize, basis_size);
    regions.push_back({.pixels = static_cast<int>(pixels),
                       .basis_size = static_cast<int>(basis_size),
                       .width = weights.width,
                       .hidden_layers = weights.hidden_layers});
  }
  return regions;
}

void BlendshapeFaceMorpherImpl::check_indices(const std::string& source) const {
  for (std::size_t i = 0; i < region_count(); ++i) {
    const BlendshapeRegion part = region(i);
    if (part->pixels.min().item<std::int64_t>() < 0 ||
        part->pixels.max().item<std::int64_t>() >= kCropPixels) {
      throw InputError(source + ": regions." + std::to_string(i) +
                       ".pixels has indices outside the face crop of 128x128 pixels");
    }
  }
}

}  // namespace tha4
