#pragma once

#include <optional>
#include <string>
#include <vector>

#include "channel_map.h"
#include "packed_convolution.h"
#include <ATen/core/Tensor.h>

#include "tha4/nn/blocks/unet.h"
#include "tha4/weights/state_dict.h"

// A U-Net's weights as the kernels for CPUs take them.

namespace tha4 {

/// A group norm, of the channels that the network has.
struct GroupNormWeights {
  std::vector<float> gammas, betas;
  int groups = 1;
};

/// What a residual block makes of its input beforehand.
enum class Resized { none, halved, doubled };

struct ResidualWeights {
  Resized resized = Resized::none;
  GroupNormWeights norm0, norm1;
  PackedConvolution conv0, conv1;
  std::vector<PackedConvolution> skips;  ///< one for each map of the input; none where that is added as it is
  int outputs = 0;                       ///< channels that the network has
  int first_condition = 0;               ///< of the outputs of UNetProgram::conditions
  std::vector<float> time_scales, time_shifts;  ///< of the outputs; the scales with the one that they add to
};

/// Matrices are [inputs, outputs], float32.
struct AttentionWeights {
  GroupNormWeights norm;
  at::Tensor qkv, qkv_biases;
  at::Tensor conv, conv_biases;
};

/// A residual block with the attention after it, if any.
struct UNetStep {
  ResidualWeights residual;
  std::optional<AttentionWeights> attention;
};

struct UNetProgram {
  int fold = 1;
  int heads = 1;
  int inputs = 0;   ///< of the network, with those of what is joined
  int outputs = 0;  ///< of the network, with what is folded
  PackedConvolution first_conv;
  std::vector<UNetStep> down;    ///< each of whose results is kept for the way up
  std::vector<UNetStep> middle;  ///< the attention of a block comes before the next one
  std::vector<UNetStep> up;      ///< those that double nothing take in what was kept, the last first
  GroupNormWeights last_norm;
  PackedConvolution last_conv;
  at::Tensor pose_embedding[4];  ///< weights and biases of two layers with a SiLU between them and after them
  at::Tensor conditions, condition_biases;  ///< [all scales and shifts, condition channels], and of each
  int first_channels = 0;                   ///< that the network has
};

/// Packs \p network for maps of \p type.
/// \param joined  a convolution whose results are added to those of the first one, of inputs that follow the
///                network's; or none
UNetProgram make_unet_program(const UNetImpl& network, const Convolution& joined, MapType type);

}  // namespace tha4
