#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/pimpl.h>

#include "tha4/nn/blocks/convolution.h"
#include "tha4/nn/blocks/network_substitute.h"
#include "tha4/nn/blocks/weight_shapes.h"

namespace tha4 {

/// One resolution of a U-Net.
struct UNetLevel {
  std::int64_t channels;
  bool attention = false;
};

/// Sizes of a U-Net with attention (paper table 8).
struct UNetOptions {
  std::int64_t model_channels;
  std::vector<UNetLevel> levels;  ///< full resolution first, then halves
  std::int64_t blocks_per_level = 1;
  std::int64_t middle_blocks = 4;  ///< with attention between them
  std::int64_t condition_channels = 256;
  std::int64_t attention_heads = 8;  ///< the one size that a checkpoint does not show
  /// Pixels on each side that share a place of the first level, in its channels: 1 in the paper. With 2, the
  /// same widths take a quarter of the operations and see as far with a level less.
  std::int64_t fold = 1;

  /// The sizes of the U-Net of \p inputs channels whose keys in a weights file begin with \p prefix.
  static UNetOptions from_shapes(const WeightShapes& shapes, const std::string& prefix, std::int64_t inputs);
};

/// The U-Net with attention that the rotator and the editor are made around (paper appendix A.1). Its
/// residual blocks are conditioned on a pose and on a time, which is always 0 and kept only because its
/// weights are in the checkpoints. Untrained it returns zeros.
class UNetImpl : public torch::nn::Module {
 public:
  /// Throws InputError for widths that cannot be divided into the groups and heads they must be, and for a
  /// fold of less than 1.
  UNetImpl(std::int64_t inputs, std::int64_t outputs, std::int64_t pose_size, const UNetOptions& options);

  /// \param image           [N, inputs, H, W], of any floating type; it is converted to that of the weights
  /// \param pose            [N, pose_size]
  /// \param first_addition  [N, model_channels, H / fold, W / fold], added to the first feature map, or none
  /// \return [N, outputs, H, W], of the type of the weights
  at::Tensor forward(const at::Tensor& image, const at::Tensor& pose, const at::Tensor& first_addition = {});

  /// Lets \p substitute, whose results are of float32, do what forward() does from now on, where nothing is
  /// added; none for the layers. Gradients do not flow through it, and it knows nothing of weights that
  /// change.
  void set_substitute(std::shared_ptr<NetworkSubstitute> substitute) { substitute_ = std::move(substitute); }

  bool has_substitute() const { return substitute_ != nullptr; }

  /// Whether training keeps less and computes the residual blocks once more in backward.
  void set_activation_checkpointing(bool on);

  /// What is added to the output channel \p channel at the end, [fold * fold].
  at::Tensor last_bias(std::int64_t channel);

  /// The type that the weights have now.
  at::ScalarType scalar_type() const { return first_conv_->scalar_type(); }

  const UNetOptions& options() const { return options_; }

 private:
  void make_down_levels(std::vector<std::int64_t>& feature_channels);
  void make_middle_blocks();
  void make_up_levels(std::vector<std::int64_t>& feature_channels);
  at::Tensor embedded_time();

  UNetOptions options_;
  std::shared_ptr<NetworkSubstitute> substitute_;
  torch::nn::Sequential time_embed_;
  torch::nn::Sequential cond_embed_;
  Convolution first_conv_;
  torch::nn::ModuleList down_blocks_;
  torch::nn::ModuleList middle_blocks_;
  torch::nn::ModuleList up_blocks_;
  torch::nn::Sequential last_;
};
TORCH_MODULE(UNet);

}  // namespace tha4
