#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "encoder_decoder_program.h"
#include "gpu_map_layers.h"
#include <ATen/core/Tensor.h>

#include "tha4/nn/blocks/network_substitute.h"

namespace tha4 {

/// The encoder-decoder of the published face networks, played by kernels for GPUs in the place of its own
/// layers.
class GpuEncoderDecoderPlayer final : public NetworkSubstitute {
 public:
  /// \param convolutions  of the maps; several networks may share them
  GpuEncoderDecoderPlayer(const EncoderDecoderProgram& program,
                          std::shared_ptr<GpuConvolutions> convolutions);

  /// \return of the type of the maps
  at::Tensor forward(const at::Tensor& image, const at::Tensor& pose) override;

  /// Channels of images, and parameters of poses.
  std::int64_t inputs() const { return inputs_; }
  std::int64_t parameters() const { return parameters_; }

 private:
  /// A convolution and the norm of its results.
  struct Layer {
    GpuConvolution convolution;
    GpuNorm norm;
  };
  struct Block {
    Layer first, second;
  };

  Layer pack(const NormedConvolution& layer);
  /// \param before  whose norm and ReLU come before the convolution; or null
  GpuMap convolve(const Layer& layer, const GpuMap& map, const Layer* before);
  GpuMap play(const GpuMap& input, const at::Tensor& pose);

  std::mutex mutex_;
  GpuMapLayers layers_;
  std::int64_t inputs_ = 0, parameters_ = 0;
  std::vector<Layer> down_, up_;
  Layer bottleneck_;
  std::vector<Block> blocks_;
  std::int64_t sum_channels_ = 0;  ///< of all maps
};

/// Whether the kernels can play an encoder-decoder of these widths.
bool can_play_on_gpu(const EncoderDecoderProgram& program);

}  // namespace tha4
