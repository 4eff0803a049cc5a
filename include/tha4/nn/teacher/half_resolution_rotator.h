#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/rotator_output.h"
#include "tha4/nn/blocks/unet.h"

namespace tha4 {

/// How many channels rotator_output() reads.
inline constexpr std::int64_t kRotatorChannels = 7;

/// The channels that a U-Net with kRotatorChannels outputs gives, as a RotatorOutput: direct image, flow and
/// alpha before its sigmoid.
RotatorOutput rotator_output(const at::Tensor& channels, const at::Tensor& image);

/// Makes a new \p unet with kRotatorChannels outputs give the image that it is given: no flow, and alpha so
/// near to 0 that what is not learnt is not changed, yet far enough from it to be learnt.
void start_at_identity(UNetImpl& unet);

/// Rotates the body at half the resolution (paper section 3 and appendix A.2). Official file:
/// body_morpher.pt. Untrained it gives the image.
class HalfResolutionRotatorImpl : public torch::nn::Module {
 public:
  explicit HalfResolutionRotatorImpl(const UNetOptions& options = published_options());

  /// \param image     [N, 4, 256, 256], rest images with their new faces
  /// \param rotation  [N, 6], the rotation parameters
  RotatorOutput forward(const at::Tensor& image, const at::Tensor& rotation);

  /// Table 8: 64 channels, multipliers 1, 2, 4, 4, 4, attention at 16x16.
  static UNetOptions published_options();
  /// The sizes of the teacher that comes with the project.
  static UNetOptions compact_options();
  /// See UNet.
  void set_activation_checkpointing(bool on) { body_->set_activation_checkpointing(on); }

  static UNetOptions options_of(const WeightShapes& shapes);

  /// The U-Net that it is made around, for who plays it by other means.
  UNetImpl& body() { return *body_; }

 private:
  UNet body_;
};
TORCH_MODULE(HalfResolutionRotator);

}  // namespace tha4
