#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "gpu_convolutions.h"
#include "unet_program.h"
#include <ATen/core/Tensor.h>

#include "tha4/nn/blocks/unet.h"

namespace tha4 {

/// A map on a GPU, and the sums that the next norm takes.
struct GpuMap {
  at::Tensor values;  ///< [N, H, W, C], of 16 bits
  at::Tensor sums;    ///< [N, C, 2], see kernels::kSumScale; undefined where nobody needs them
};

/// A convolution's weights on a GPU.
struct GpuConvolution {
  at::Tensor weights;  ///< see pack_map_weights()
  at::Tensor biases;   ///< float32, padded
  int outputs = 0;     ///< that the network has
  int taps = 9;
};

struct GpuNorm {
  at::Tensor gammas, betas;
  int groups = 1;
};

/// A U-Net played by kernels for GPUs, in the place of its own layers: two launches for a residual block.
class GpuUNetPlayer final : public UNetSubstitute {
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
  using Maps = std::vector<const GpuMap*>;

  /// All that a convolution may take besides its weights.
  struct Surroundings {
    const GpuNorm* norm = nullptr;
    const float* conditions = nullptr;
    bool has_silu = true;
    bool halves = false;
    const GpuConvolution* skip = nullptr;
    Maps skipped = {};
    const GpuMap* added = nullptr;
    kernels::MapAddition addition = kernels::MapAddition::none;
    bool needs_sums = true;
    bool to_floats = false;
  };

  GpuConvolution pack(const PlainConvolution& convolution) const;
  GpuConvolution pack_matrix(const at::Tensor& matrix, const at::Tensor& biases) const;
  GpuConvolution pack_skips(const std::vector<PlainConvolution>& skips) const;
  GpuNorm pack(const GroupNormWeights& norm) const;
  Step pack(const UNetStepOf<PlainConvolution>& step);
  std::vector<Step> pack(const std::vector<UNetStepOf<PlainConvolution>>& steps);
  void fold_times(const std::vector<UNetStepOf<PlainConvolution>>& steps);
  at::Tensor on_device(const std::vector<float>& values) const;

  /// Scales and shifts of all blocks, [N, conditions], of poses.
  at::Tensor conditions(const at::Tensor& pose) const;
  GpuMap read(const at::Tensor& image) const;
  GpuMap convolve(const GpuConvolution& convolution, const Maps& from, const Surroundings& surroundings);
  GpuMap play_step(const Step& step, const Maps& maps);
  GpuMap play_residual(const Residual& residual, const Maps& maps);
  GpuMap play_attention(const Attention& attention, const GpuMap& map);
  at::Tensor take_sums(std::int64_t images, std::int64_t channels);

  std::shared_ptr<GpuConvolutions> convolutions_;
  int fold_ = 1, heads_ = 1, inputs_ = 0, outputs_ = 0;
  GpuConvolution first_conv_, last_conv_;
  std::vector<Step> down_, middle_, up_;
  GpuNorm last_norm_;
  at::Tensor pose_embedding_[4];
  at::Tensor condition_weights_, condition_biases_;
  std::int64_t sum_channels_ = 0;  ///< of all maps

  std::mutex mutex_;
  at::Tensor conditions_;  ///< of the frame that is played
  at::Tensor sums_;        ///< of all its maps
  std::int64_t used_sums_ = 0;
};

/// Whether the kernels can play U-Nets of \p options.
bool can_play_on_gpu(const UNetOptions& options);

}  // namespace tha4
