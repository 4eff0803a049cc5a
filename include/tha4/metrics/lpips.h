#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/metrics/backbone.h"

namespace tha4 {

/// The backbones that LPIPS is published for: AlexNet, SqueezeNet 1.1 and VGG16.
enum class LpipsNet { alex, squeeze, vgg };

/// Reads "alex", "squeeze" or "vgg". Throws InputError for other texts.
LpipsNet parse_lpips_net(std::string_view text);
BackboneKind backbone_of(LpipsNet net);

/// The perceptual distance LPIPS (Zhang et al. 2018), version 0.1: differences of the backbone's features,
/// each pixel's scaled to length 1, squared, weighted by trained heads, averaged over the pixels and added up
/// over the layers.
class Lpips {
 public:
  /// Throws InputError for images that are too small for the backbone.
  /// \param a, b  [N, 3, H, W] of the device of the backbone, sRGB values in [0, 1]
  /// \return float64 [N], 0 where the images are equal
  at::Tensor distance(const at::Tensor& a, const at::Tensor& b) const;

  /// The same on \p device. It computes in float32 everywhere.
  Lpips to(c10::Device device) const;

 private:
  friend Lpips load_lpips(LpipsNet net, const std::filesystem::path& backbone,
                          const std::filesystem::path& heads);
  Lpips(Backbone backbone, std::vector<at::Tensor> heads)
      : backbone_(std::move(backbone)), heads_(std::move(heads)) {}

  Backbone backbone_;
  std::vector<at::Tensor> heads_;  ///< [1, C, 1, 1] for each layer
};

/// \param backbone  file of torchvision, see load_backbone()
/// \param heads     the LPIPS project's weights for this net: data/lpips/<net>.pth
///
/// Throws InputError that names the file and what to do.
Lpips load_lpips(LpipsNet net, const std::filesystem::path& backbone, const std::filesystem::path& heads);

}  // namespace tha4
