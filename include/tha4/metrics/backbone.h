#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace tha4 {

/// The classifiers whose convolutional parts images are compared by: perceptual losses (paper, appendices B
/// and C) and LPIPS.
enum class BackboneKind { vgg16, alexnet, squeezenet };

/// The end of a message to a user who has not named the right file: "get https://.../vgg16-397923af.pth".
std::string where_to_get(BackboneKind kind);

/// The convolutional part of a classifier of torchvision (VGG16, AlexNet or SqueezeNet 1.1), frozen:
/// gradients flow to the image, never to the weights. Copies share their tensors.
class Backbone {
 public:
  /// The outputs of the first \p layers feature layers, those that LPIPS compares:
  /// - VGG16: relu1_2, relu2_2, relu3_3, relu4_3, relu5_3;
  /// - AlexNet: the five rectified convolutions;
  /// - SqueezeNet: the first rectified convolution and the outputs of the fire modules 2, 4 and 5 to 8,
  ///   counted from 1.
  ///
  /// Throws InputError for images that are too small for these layers, Error for more layers than there are.
  /// \param image  [N, 3, H, W] of the backbone's device and type, normalised as imagenet_normalized() does
  /// \return tensors [N, C, H', W'], from fine to coarse
  std::vector<at::Tensor> features(const at::Tensor& image, std::size_t layers) const;

  /// How many feature layers the file had.
  std::size_t layer_count() const;

  /// How many channels feature layer \p layer < layer_count() has.
  std::int64_t channels(std::size_t layer) const;

  /// The same on \p device, in the type \p type.
  Backbone to(c10::Device device, at::ScalarType type) const;

 private:
  friend Backbone load_backbone(BackboneKind kind, const std::filesystem::path& file);
  struct Layers;
  explicit Backbone(std::shared_ptr<const Layers> layers) : layers_(std::move(layers)) {}

  std::shared_ptr<const Layers> layers_;
};

/// Reads a backbone from the state dict that torchvision publishes (vgg16-397923af.pth,
/// alexnet-owt-7be5be79.pth, squeezenet1_1-b8a52dc0.pth), or from a part of it: what comes after the last
/// whole feature layer may be missing, and tensors of other names, such as the classifier's, are ignored.
/// Widths are read off the file. In float32, on the CPU. Throws InputError that names the file, the tensor
/// and what to get.
Backbone load_backbone(BackboneKind kind, const std::filesystem::path& file);

/// Images [N, 3, H, W] with values in [0, 1] as torchvision's classifiers take them: without the mean of
/// ImageNet's colours, divided by their standard deviation.
at::Tensor imagenet_normalized(const at::Tensor& image);

}  // namespace tha4
