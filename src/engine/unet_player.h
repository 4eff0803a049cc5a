#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "map_player.h"
#include "unet_program.h"
#include <ATen/core/Tensor.h>

#include "tha4/nn/blocks/unet.h"

namespace tha4 {

/// A U-Net played by the kernels for CPUs, in the place of its own layers.
class UNetPlayer final : public NetworkSubstitute {
 public:
  /// \param player  of the maps; several networks may share one, of which one is played at a time
  UNetPlayer(UNetProgram program, std::shared_ptr<MapPlayer> player);

  at::Tensor forward(const at::Tensor& image, const at::Tensor& pose) override;

 private:
  /// Scales and shifts of all blocks, [1, conditions], of a pose [1, pose size].
  at::Tensor conditions(const at::Tensor& pose) const;
  at::Tensor play(const at::Tensor& image, const float* conditions);
  LayerMap play_step(const UNetStep& step, const std::vector<const LayerMap*>& maps, const float* conditions);
  LayerMap play_residual(const ResidualWeights& weights, const std::vector<const LayerMap*>& maps,
                         const float* conditions);
  LayerMap play_attention(const AttentionWeights& weights, const LayerMap& map) const;

  UNetProgram program_;
  std::shared_ptr<MapPlayer> player_;
};

/// Lines of a group norm of the channels of \p maps, one after the other.
ChannelLines norm_lines(const GroupNormWeights& weights, const std::vector<const LayerMap*>& maps);

}  // namespace tha4
