#pragma once

#include <vector>

namespace tha4 {

/// What a layer of convolution multiplies by.
struct ProductWeights {
  int inputs = 0;              ///< numbers that a place is multiplied of, a multiple of four
  int outputs = 0;             ///< numbers of a result in memory, a multiple of four
  std::vector<float> weights;  ///< [ceil(outputs / 8)][inputs][8]
  std::vector<float> biases;   ///< a multiple of eight
  std::vector<float> slopes;   ///< likewise, of what is below 0; empty: no PReLU
};

/// Packs weights [outputs][kernel places][channels]; slopes may be empty.
ProductWeights pack_product(const std::vector<float>& weights, const std::vector<float>& biases,
                            const std::vector<float>& slopes, int outputs, int places, int channels);

/// out [places][outputs] = PReLU(weights * in [places][inputs] + biases + added [places][added_channels]).
/// \param added  or null; of fewer channels than outputs, the others are 0; a multiple of four
void multiply(const ProductWeights& product, const float* in, int places, const float* added,
              int added_channels, float* out);

/// Row \p y of a depthwise convolution 3x3 of a map [height][width][channels], channels a multiple of four.
/// \param weights  [9][channels]
/// \param before   the places that the first window reaches over the edge, 0 or 1
/// \param out      [out_width][channels]
void depthwise_row(const float* map, int height, int width, int channels, const float* weights,
                   const float* biases, int y, int stride, int before, int out_width, float* out);

/// The largest of each 2x2 of a map of even sides.
void pool_map(const float* map, int height, int width, int channels, float* out);

}  // namespace tha4
