#pragma once

#include <cstdint>
#include <vector>

#include "map_weights.h"
#include "unet_program.h"
#include <ATen/core/Tensor.h>

#include "tha4/nn/blocks/pose_encoder_decoder.h"

// The weights of the published face networks' encoder-decoder, for who plays it by kernels.

namespace tha4 {

/// A convolution without biases, and the norm of its results, of each channel by itself.
struct NormedConvolution {
  at::Tensor weights;
  MapWeights kind = MapWeights::plain;
  GroupNormWeights norm;

  /// Channels of its results.
  int outputs() const { return norm.groups; }
};

/// After each norm but a block's second one comes a ReLU.
struct EncoderDecoderProgram {
  struct Block {
    NormedConvolution first, second;  ///< whose results are added to what the first one reads
  };

  std::int64_t inputs = 0;      ///< channels of images
  std::int64_t parameters = 0;  ///< of poses
  std::vector<NormedConvolution> down;
  NormedConvolution bottleneck;  ///< of the last map and the parameters, the same at each pixel
  std::vector<Block> blocks;
  std::vector<NormedConvolution> up;
};

EncoderDecoderProgram make_encoder_decoder_program(const PoseEncoderDecoderImpl& network);

}  // namespace tha4
