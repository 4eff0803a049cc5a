#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cpu_siren_kernels.h"
#include "siren_layout.h"
#include <hwy/aligned_allocator.h>

namespace tha4 {

/// Numbers where vectors may be loaded from.
class AlignedFloats {
 public:
  /// Zeros.
  explicit AlignedFloats(std::size_t size = 0);

  float* data() { return floats_.get(); }
  const float* data() const { return floats_.get(); }
  std::size_t size() const { return size_; }
  void clear();

 private:
  hwy::AlignedFreeUniquePtr<float[]> floats_;
  std::size_t size_ = 0;
};

/// Part of a linear layer's weights in the list of all parameters: some columns of its rows.
struct WeightPlace {
  std::size_t first = 0;  ///< the first of these columns in the first row
  std::size_t row = 0;    ///< numbers from a row to the next
  int outputs = 0;
  int inputs = 0;

  std::size_t at(int output) const { return first + static_cast<std::size_t>(output) * row; }
};

/// A matrix after a level's first layer, as kernels read it.
class PackedMatrix {
 public:
  /// \param bias     where its biases begin; negative: it has none
  /// \param is_sine  whether its results are those of a sine layer, whose sums may overflow
  /// \param scale    of weights and biases: ω₀, or 1 of what the network gives
  PackedMatrix(const WeightPlace& place, std::ptrdiff_t bias, bool is_sine, double scale,
               SirenNumbers numbers);

  /// Packs the weights of a panel of outputs, and those of a panel of inputs, from all parameters.
  void pack_outputs(const float* parameters, int panel);
  void pack_inputs(const float* parameters, int panel);
  int output_panels() const;
  int input_panels() const;

  const WeightPlace& place() const { return place_; }
  std::ptrdiff_t bias() const { return bias_; }
  double scale() const { return scale_; }
  TrainedMatrix arguments() const;

 private:
  void pack_fixed_point(const float* row, int output);

  WeightPlace place_;
  std::ptrdiff_t bias_;
  bool is_sine_;
  double scale_;
  SirenNumbers numbers_;
  AlignedFloats forward_, backward_, scales_, biases_;
};

/// The first layer of a level, without the features of the level before.
class PackedFirstLayer {
 public:
  /// \param place  the columns of x, y and the pose
  PackedFirstLayer(const WeightPlace& place, std::ptrdiff_t bias);

  void pack(const float* parameters);

  const WeightPlace& place() const { return place_; }
  std::ptrdiff_t bias() const { return bias_; }
  int pose_size() const { return place_.inputs - 2; }
  int channels() const { return place_.outputs; }
  const float* of_x() const { return columns_.data(); }
  const float* of_y() const { return columns_.data() + padded_; }

  /// Writes the term of a pose and the bias, in turns, for channels padded to 2.
  void biases_of(const float* pose, float* biases) const;

 private:
  WeightPlace place_;
  std::ptrdiff_t bias_;
  std::size_t padded_;
  AlignedFloats columns_;  ///< [input, then biases][padded channels]
};

struct PackedLevel {
  int resolution = 0;
  PackedFirstLayer first;
  std::vector<PackedMatrix> matrices;

  int result_channels() const { return matrices.back().place().outputs; }
};

/// Places and packed weights of all levels. Parameters lie one after the other in the order of \p network.
std::vector<PackedLevel> pack_levels(const StateDict& network, const TrainedSiren& siren,
                                     SirenNumbers numbers);

constexpr int padded_to(int count, int multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

}  // namespace tha4
