#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/convolution.h"
#include "tha4/nn/blocks/pose_encoder_decoder.h"

namespace tha4 {

/// All [N, C, 128, 128], of the type of the input images.
struct EyebrowMorphingCombinerOutput {
  at::Tensor combined_by_combine_alpha;  ///< the morphed layer over the background by `combine_alpha`
  at::Tensor combine_alpha;
  at::Tensor combined;       ///< the morphed layer over the background by its own alpha channel: what the
                             ///< pipeline goes on with
  at::Tensor morphed_layer;  ///< `warped_layer` and `morphed_layer_color` blended by `morphed_layer_alpha`
  at::Tensor morphed_layer_alpha;
  at::Tensor morphed_layer_color;
  at::Tensor warped_layer;  ///< the eyebrow layer through `flow`
  at::Tensor flow;
};

/// Moves the eyebrows by the pose and lays them back over the face (paper section 3, second network).
class EyebrowMorphingCombinerImpl : public torch::nn::Module {
 public:
  explicit EyebrowMorphingCombinerImpl(const EncoderDecoderOptions& options = {});

  /// \param background_layer, eyebrow_layer  [N, 4, 128, 128], from the eyebrow decomposer
  /// \param pose  [N, 12], the eyebrow parameters
  EyebrowMorphingCombinerOutput forward(const at::Tensor& background_layer, const at::Tensor& eyebrow_layer,
                                        const at::Tensor& pose);

  static EncoderDecoderOptions options_of(const WeightShapes& shapes);

  PoseEncoderDecoderImpl& body() { return *body_; }

 private:
  PoseEncoderDecoder body_;
  Convolution morphed_layer_flow_;
  torch::nn::Sequential morphed_layer_alpha_;
  torch::nn::Sequential morphed_layer_color_;
  torch::nn::Sequential combine_alpha_;
};
TORCH_MODULE(EyebrowMorphingCombiner);

}  // namespace tha4
