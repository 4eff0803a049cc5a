#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "encoder_decoder_program.h"
#include "map_player.h"
#include <ATen/core/Tensor.h>

#include "tha4/nn/blocks/network_substitute.h"

namespace tha4 {

/// The encoder-decoder of the published face networks, played by the kernels for CPUs in the place of its own
/// layers.
class EncoderDecoderPlayer final : public NetworkSubstitute {
 public:
  /// \param player  of the maps; several networks may share one, of which one is played at a time
  EncoderDecoderPlayer(const EncoderDecoderProgram& program, std::shared_ptr<MapPlayer> player);

  /// \return float32
  at::Tensor forward(const at::Tensor& image, const at::Tensor& pose) override;

 private:
  /// A convolution and the norm of its results.
  struct Layer {
    PackedConvolution convolution;
    GroupNormWeights norm;
  };
  struct Block {
    Layer first, second;
  };
  /// The last image, and what became of it before its pose counts.
  struct Encoded {
    at::Tensor image;
    LayerMap map;
  };

  Layer pack(const NormedConvolution& layer, const std::vector<std::int64_t>& sources) const;
  /// Before the norm.
  LayerMap convolve(const Layer& layer, const LayerMap& map);
  /// \p map after the norm of \p layer, whose results it has, and a ReLU.
  LayerMap activate(const Layer& layer, const LayerMap& map);
  /// \param image  [C, H, W]
  const LayerMap& encode(const at::Tensor& image);
  /// \param pose  [parameters]
  /// \return [C, H, W]
  at::Tensor play(const at::Tensor& image, const at::Tensor& pose);

  std::shared_ptr<MapPlayer> player_;
  std::vector<Layer> down_, up_;
  Layer bottleneck_;
  std::vector<Block> blocks_;
  std::optional<Encoded> encoded_;
};

}  // namespace tha4
