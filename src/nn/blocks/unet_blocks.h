#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "tha4/nn/blocks/convolution.h"

// Blocks of the U-Net with attention (paper appendix A.1), after the diffusion autoencoders of Preechakul et
// al.

namespace tha4 {

/// Group norm with 32 groups, or one a channel where there are fewer. Throws InputError for channels that do
/// not divide into 32 groups.
torch::nn::GroupNorm group_norm(std::int64_t channels);

/// SiLU of the norm of [N, C, H, W].
at::Tensor normalized_silu(torch::nn::GroupNorm norm, const at::Tensor& x);

/// What every residual block of a U-Net is told: embedded time [1 or N, condition_channels] and embedded pose
/// [N, condition_channels], both after their SiLU.
struct Condition {
  at::Tensor time;
  at::Tensor pose;
};

enum class Resampling { none, halve, double_up };

/// Two convolutions with a scale and shift by time and pose between them, added to the (resampled) input.
/// Untrained it adds nothing: its second convolution begins at zero.
class ConditionedResidualBlockImpl : public torch::nn::Module {
 public:
  ConditionedResidualBlockImpl(std::int64_t inputs, std::int64_t outputs, std::int64_t condition_channels,
                               Resampling resampling = Resampling::none);

  at::Tensor forward(const at::Tensor& x, const Condition& condition);

  /// Whether forward() keeps only its inputs for the gradient, and backward computes the block once more.
  void set_activation_checkpointing(bool on) { is_checkpointed_ = on; }

 private:
  at::Tensor compute(const at::Tensor& x, const Condition& condition);
  at::Tensor compute_fused(const at::Tensor& x, const Condition& condition);
  at::Tensor resample(const at::Tensor& x) const;
  at::Tensor scale_and_shift(const at::Tensor& x, const Condition& condition);

  Resampling resampling_;
  bool is_checkpointed_ = false;
  torch::nn::GroupNorm norm0_;
  Convolution conv0_;
  torch::nn::Sequential time_layers_;
  torch::nn::GroupNorm norm1_;
  Convolution conv1_;
  torch::nn::Sequential pose_layers_;
  Convolution skip_{nullptr};  ///< where the number of channels changes
};
TORCH_MODULE(ConditionedResidualBlock);

/// Self-attention over all pixels, added to the input; it begins at zero. Queries, keys and values are thirds
/// of the channels; a head has consecutive ones.
class AttentionBlockImpl : public torch::nn::Module {
 public:
  AttentionBlockImpl(std::int64_t channels, std::int64_t heads);

  at::Tensor forward(const at::Tensor& x);

 private:
  std::int64_t heads_;
  torch::nn::GroupNorm norm_;
  Convolution qkv_;
  Convolution conv_;
};
TORCH_MODULE(AttentionBlock);

/// An attention block one level down in the names of the checkpoints ("module").
class NamedAttentionBlockImpl : public torch::nn::Module {
 public:
  NamedAttentionBlockImpl(std::int64_t channels, std::int64_t heads)
      : module_(register_module("module", AttentionBlock(channels, heads))) {}

  at::Tensor forward(const at::Tensor& x) { return module_->forward(x); }

 private:
  AttentionBlock module_;
};
TORCH_MODULE(NamedAttentionBlock);

struct LevelOptions {
  std::int64_t outputs;
  std::int64_t condition_channels;
  std::int64_t attention_heads;  ///< 0 for a level without attention
  bool resampled;                ///< whether a resampling block ends the level
};

/// One level on the way down.
class DownLevelImpl : public torch::nn::Module {
 public:
  DownLevelImpl(std::int64_t inputs, std::int64_t blocks, const LevelOptions& options);

  /// Appends the results of its blocks to \p features, beginning with the last one there as input.
  void forward(std::vector<at::Tensor>& features, const Condition& condition);

 private:
  torch::nn::ModuleList res_blocks_;
  torch::nn::ModuleList attention_blocks_;
  ConditionedResidualBlock downsample_{nullptr};
};
TORCH_MODULE(DownLevel);

/// One level on the way up.
class UpLevelImpl : public torch::nn::Module {
 public:
  /// \param skip_channels  of the features from the way down that each of its blocks takes in
  UpLevelImpl(std::int64_t inputs, const std::vector<std::int64_t>& skip_channels,
              const LevelOptions& options);

  /// Takes the features for its blocks off the end of \p features.
  at::Tensor forward(at::Tensor x, std::vector<at::Tensor>& features, const Condition& condition);

 private:
  torch::nn::ModuleList resnet_blocks_;
  torch::nn::ModuleList attention_blocks_;
  ConditionedResidualBlock upsample_{nullptr};
};
TORCH_MODULE(UpLevel);

}  // namespace tha4
