#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tha4/nn/blocks/weight_shapes.h"

namespace tha4 {

/// Sizes of an encoder-decoder network, which do not include the size of its images: it takes any that halves
/// often enough. The defaults are the published eyebrow networks, face morpher and THA3 rotator.
struct EncoderDecoderOptions {
  std::vector<std::int64_t> level_channels{64, 128, 256, 512};  ///< full resolution first, then halves
  std::int64_t bottleneck_blocks = 6;

  /// The sizes of the network whose keys in a weights file begin with \p prefix.
  static EncoderDecoderOptions from_shapes(const WeightShapes& shapes, const std::string& prefix);
};

}  // namespace tha4
