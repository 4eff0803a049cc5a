#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include <ATen/core/Tensor.h>

#include "tha4/metrics/backbone.h"

namespace tha4 {

/// The perceptual content loss Φ (paper, appendix B.1; Johnson et al. 2016): mean absolute differences of the
/// features relu1_2, relu2_2 and relu3_3 of VGG16, of an image's colours and of its alpha taken for all three
/// colours. Of the two, one is evaluated at a time, drawn at random and scaled with the reciprocal of its
/// probability. What the paper leaves open: images go from [-1, 1] to [0, 1] and are then normalised as VGG16
/// was trained.
class PerceptualLoss {
 public:
  /// \param vgg16            of at least three feature layers, on the device of the images
  /// \param rgb_probability  with which the colours are evaluated
  PerceptualLoss(Backbone vgg16, double rgb_probability);

  /// Estimates of Φ(image, target) for images of one target, each with a draw of its own.
  /// \param images  [N, 4, H, W] each; gradients flow to them
  /// \param target  [N, 4, H, W]
  /// \return scalars
  std::vector<at::Tensor> operator()(const std::vector<at::Tensor>& images, const at::Tensor& target,
                                     std::mt19937_64& draws) const;

 private:
  enum class Part { rgb, aaa };

  std::vector<at::Tensor> features(const at::Tensor& image, Part part) const;

  Backbone vgg16_;
  double rgb_probability_;
};

}  // namespace tha4
