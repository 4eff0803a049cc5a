#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/encoder_decoder_options.h"
#include "tha4/nn/blocks/network_substitute.h"

namespace tha4 {

/// The body of the eyebrow networks and the teacher's face morpher, which are those of THA3 (paper section
/// 3): an encoder-decoder that takes the pose in at its smallest resolution.
class PoseEncoderDecoderImpl : public torch::nn::Module {
 public:
  /// \param image_channels  of the input
  /// \param pose_size       0 for a network without a pose
  PoseEncoderDecoderImpl(std::int64_t image_channels, std::int64_t pose_size,
                         const EncoderDecoderOptions& options);

  /// \param image  [N, image_channels, H, W], of any floating type; it is converted to that of the weights
  /// \param pose   [N, pose_size]; undefined for a network without a pose
  /// \return feature maps [N, level_channels[0], H, W]
  at::Tensor forward(const at::Tensor& image, const at::Tensor& pose = {});

  /// Lets \p substitute do what forward() does from now on; none for the layers. Gradients do not flow
  /// through it, and it knows nothing of weights that change.
  void set_substitute(std::shared_ptr<NetworkSubstitute> substitute) { substitute_ = std::move(substitute); }

  /// Registers the blocks as \p owner's own: the face morpher's checkpoints have no level for its body.
  void register_blocks_in(torch::nn::Module& owner);

 private:
  std::shared_ptr<NetworkSubstitute> substitute_;
  torch::nn::ModuleList downsample_blocks_;
  torch::nn::ModuleList bottleneck_blocks_;
  torch::nn::ModuleList upsample_blocks_;
};
TORCH_MODULE(PoseEncoderDecoder);

}  // namespace tha4
