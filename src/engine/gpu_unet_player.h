#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "gpu_map_layers.h"
#include "unet_program.h"
#include <ATen/core/Tensor.h>

#include "tha4/nn/blocks/unet.h"

namespace tha4 {

/// A U-Net played by kernels for GPUs, in the place of its own layers: two launches for a residual block.
class GpuUNetPlayer final : public NetworkSubstitute {
 public:
  /// \param convolutions  of the maps; several networks may share them
  GpuUNetPlayer(const PlainUNetProgram& program, std::shared_ptr<GpuConvolutions> convolutions);

  at::Tensor forward(const at::Tensor& image, const at::Tensor& pose) override;

 private:
  struct Residual {
    Resized resized = Resized::none;
    GpuNorm norm0, norm1;
    GpuConvolution conv0, conv1;
    std::optional<GpuConvolution> skip;
    int first_condition = 0;
  };
  struct Attention {
    GpuNorm norm;
    GpuConvolution qkv, conv;
  };
  struct Step {
    Residual residual;
    std::optional<Attention> attention;
  };
  using PlainStep = UNetStepOf<PlainConvolution>;
  using Maps = std::vector<const GpuMap*>;

  GpuConvolution pack(const PlainConvolution& convolution) const;
  GpuNorm pack(const GroupNormWeights& norm) const;
  Step pack(const PlainStep& step);
  std::vector<Step> pack(const std::vector<PlainStep>& steps);
  void fold_times(const std::vector<PlainStep>& steps);

  /// Scales and shifts of all blocks, [N, conditions], of poses.
  at::Tensor conditions(const at::Tensor& pose) const;
  GpuMap play_step(const Step& step, const Maps& maps);
  GpuMap play_residual(const Residual& residual, const Maps& maps);
  GpuMap play_attention(const Attention& attention, const GpuMap& map);
  GpuMap play(const GpuMap& input);

  std::mutex mutex_;
  GpuMapLayers layers_;
  int fold_ = 1, heads_ = 1, inputs_ = 0, outputs_ = 0;
  GpuConvolution first_conv_, last_conv_;
  std::vector<Step> down_, middle_, up_;
  GpuNorm last_norm_;
  at::Tensor pose_embedding_[4];
  at::Tensor condition_weights_, condition_biases_;
  std::int64_t sum_channels_ = 0;  ///< of all maps
  at::Tensor conditions_;          ///< of the frame that is played
};

/// Whether the kernels can play U-Nets of \p options.
bool can_play_on_gpu(const UNetOptions& options);

}  // namespace tha4
