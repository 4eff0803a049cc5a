#include "tha4/teacher/perceptual_loss.h"

#include <array>
#include <optional>
#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/kernels/absolute_difference.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {
namespace {

/// relu1_2, relu2_2 and relu3_3.
constexpr std::size_t kLayers = 3;

/// Σ c_i |φ_i(I1) - φ_i(I2)|, with c_i the reciprocal of the number of components.
at::Tensor mean_difference(const std::vector<at::Tensor>& a, const std::vector<at::Tensor>& b) {
  at::Tensor sum;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const at::Tensor difference = mean_absolute_difference(a[i], b[i]);
    sum = sum.defined() ? sum + difference : difference;
  }
  return sum;
}

}  // namespace

PerceptualLoss::PerceptualLoss(Backbone vgg16, double rgb_probability)
    : vgg16_(std::move(vgg16)), rgb_probability_(rgb_probability) {
  if (vgg16_.layer_count() < kLayers) throw Error("the perceptual loss needs VGG16 up to relu3_3");
}

std::vector<at::Tensor> PerceptualLoss::features(const at::Tensor& image, Part part) const {
  const at::Tensor colors =
      part == Part::rgb ? image.narrow(1, 0, 3) : image.narrow(1, 3, 1).expand({-1, 3, -1, -1});
  const at::Tensor input = imagenet_normalized(colors * 0.5 + 0.5);
  return vgg16_.features(input.contiguous(image.suggest_memory_format()), kLayers);
}

std::vector<at::Tensor> PerceptualLoss::operator()(const std::vector<at::Tensor>& images,
                                                   const at::Tensor& target, std::mt19937_64& draws) const {
  // The features of the target are the same for all images that drew the same part.
  std::array<std::optional<std::vector<at::Tensor>>, 2> of_target;
  std::vector<at::Tensor> losses;
  for (const at::Tensor& image : images) {
    const Part part = uniform_unit(draws) < rgb_probability_ ? Part::rgb : Part::aaa;
    auto& expected = of_target[static_cast<std::size_t>(part)];
    if (!expected) {
      const torch::NoGradGuard no_grad;
      expected = features(target, part);
    }
    const double probability = part == Part::rgb ? rgb_probability_ : 1 - rgb_probability_;
    losses.push_back(mean_difference(features(image, part), *expected) / probability);
  }
  return losses;
}

}  // namespace tha4
