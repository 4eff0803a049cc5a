#pragma once

#include <optional>
#include <string>
#include <vector>

#include "channel_map.h"
#include "packed_convolution.h"
#include <ATen/core/Tensor.h>

#include "tha4/nn/blocks/unet.h"
#include "tha4/weights/state_dict.h"

// A U-Net's weights as kernels take them.

namespace tha4 {

/// A group norm, of the channels that the network has.
struct GroupNormWeights {
  std::vector<float> gammas, betas;
  int groups = 1;
};

/// What a residual block makes of its input beforehand.
enum class Resized { none, halved, doubled };

/// \param Packed  what convolutions are packed as
template <class Packed>
struct ResidualWeightsOf {
  Resized resized = Resized::none;
  GroupNormWeights norm0, norm1;
  Packed conv0, conv1;
  std::vector<Packed> skips;  ///< one for each map of the input; none where that is added as it is
  int outputs = 0;            ///< channels that the network has
  int first_condition = 0;    ///< of the outputs of UNetProgram::conditions
  std::vector<float> time_scales, time_shifts;  ///< of the outputs; the scales with the one that they add to
};

/// Matrices are [inputs, outputs], float32.
struct AttentionWeights {
  GroupNormWeights norm;
  at::Tensor qkv, qkv_biases;
  at::Tensor conv, conv_biases;
};

/// A residual block with the attention after it, if any.
template <class Packed>
struct UNetStepOf {
  ResidualWeightsOf<Packed> residual;
  std::optional<AttentionWeights> attention;
};

template <class Packed>
struct UNetProgramOf {
  int fold = 1;
  int heads = 1;
  int inputs = 0;   ///< of the network, with those of what is joined
  int outputs = 0;  ///< of the network, with what is folded
  Packed first_conv;
  std::vector<UNetStepOf<Packed>> down;    ///< each of whose results is kept for the way up
  std::vector<UNetStepOf<Packed>> middle;  ///< the attention of a block comes before the next one
  std::vector<UNetStepOf<Packed>> up;  ///< those that double nothing take in what was kept, the last first
  GroupNormWeights last_norm;
  Packed last_conv;
  at::Tensor pose_embedding[4];  ///< weights and biases of two layers with a SiLU between them and after them
  at::Tensor conditions, condition_biases;  ///< [all scales and shifts, condition channels], and of each
  int first_channels = 0;                   ///< that the network has
};

using ResidualWeights = ResidualWeightsOf<PackedConvolution>;
using UNetStep = UNetStepOf<PackedConvolution>;
using UNetProgram = UNetProgramOf<PackedConvolution>;

/// Packs \p network for maps of \p type, as the kernels for CPUs take them.
/// \param joined  a convolution whose results are added to those of the first one, of inputs that follow the
///                network's; or none
UNetProgram make_unet_program(const UNetImpl& network, const Convolution& joined, MapType type);

/// A convolution as the network has it, for who packs it otherwise.
struct PlainConvolution {
  at::Tensor weights;    ///< float32 [outputs, inputs, 3, 3] or [outputs, inputs, 1, 1]
  at::Tensor biases;     ///< [outputs]; undefined: none
  bool doubles = false;  ///< whether each input pixel counts as 2x2
};

using PlainUNetProgram = UNetProgramOf<PlainConvolution>;

/// The same, of convolutions that are not packed.
PlainUNetProgram make_plain_unet_program(const UNetImpl& network, const Convolution& joined);

}  // namespace tha4
