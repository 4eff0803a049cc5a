#pragma once

namespace tha4 {

/// What a convolution's weights are.
enum class MapWeights {
  plain,       ///< [outputs, inputs, 3, 3] or [outputs, inputs, 1, 1]
  doubled,     ///< [outputs, inputs, 3, 3], of pixels that count as 2x2
  transposed,  ///< [inputs, outputs, 4, 4], of a convolution that doubles the size
  halving      ///< [outputs, inputs, 4, 4], of one that halves it
};

}  // namespace tha4
