#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cpu_map_sampling.h"
#include "cpu_siren_weights.h"
#include "kernels/siren_pass_arguments.h"

namespace tha4 {

/// Part of a window that one thread takes: a rectangle of a frame, in pixels of the finest level.
struct WindowPart {
  int frame = 0;
  int x = 0, y = 0;
  int width = 0, height = 0;

  int pixels() const { return width * height; }
};

/// Pixels at which a loss is asked for.
struct LossPixels {
  int frame = 0;
  const int *x = nullptr, *y = nullptr;
  int count = 0;
  float* planes = nullptr;  ///< [result][stride]: what a SIREN gives, which its gradient takes the place of
  int stride = 0;
  double fraction = 0;  ///< of a pixel in the means: 1 / all pixels of a step
};

/// The family of losses of SIRENs that learn on CPUs.
class StudentLoss {
 public:
  static constexpr int kTerms = 4;

  virtual ~StudentLoss() = default;

  /// Takes the gradient of the loss, and adds these pixels' part of the means of its terms to \p terms.
  virtual void differentiate(const kernels::SirenStep& step, const LossPixels& pixels,
                             std::array<double, kTerms>& terms) const = 0;
};

/// The gradients of all parameters, as kernels add to them.
class GradientSums {
 public:
  explicit GradientSums(const std::vector<PackedLevel>& levels);

  void clear() { floats_.clear(); }

  /// Of a matrix: [outputs][padded inputs], and [padded outputs][lanes].
  float* matrix(std::size_t level, std::size_t index) { return floats_.data() + at(level, index).matrix; }
  float* bias(std::size_t level, std::size_t index) { return floats_.data() + at(level, index).bias; }
  const float* matrix(std::size_t level, std::size_t index) const {
    return floats_.data() + at(level, index).matrix;
  }
  const float* bias(std::size_t level, std::size_t index) const {
    return floats_.data() + at(level, index).bias;
  }
  /// Of a first layer: [x, y, pose, bias][padded channels].
  float* first(std::size_t level) { return floats_.data() + first_[level]; }
  const float* first(std::size_t level) const { return floats_.data() + first_[level]; }

 private:
  struct Place {
    std::size_t matrix, bias;
  };
  const Place& at(std::size_t level, std::size_t index) const { return places_[level][index]; }

  std::vector<std::vector<Place>> places_;
  std::vector<std::size_t> first_;
  AlignedFloats floats_;
};

/// Evaluates and differentiates parts of windows, in one thread.
class WindowWorker {
 public:
  /// \param levels  must outlive this
  WindowWorker(const std::vector<PackedLevel>& levels, SirenNumbers numbers, int largest_width,
               int largest_height);

  /// Adds to \p sums and \p terms what \p part has to them.
  /// \param pose  as many numbers as the SIREN takes
  void differentiate(const WindowPart& part, const float* pose, const kernels::SirenStep& step,
                     const StudentLoss& loss, double fraction, GradientSums& sums,
                     std::array<double, StudentLoss::kTerms>& terms);

 private:
  /// What is kept of a level.
  struct Level {
    LevelExtent x, y;
    int tiles = 0;  ///< of pixels
    AlignedFloats biases, first_gradient;
    AlignedFloats kept;                       ///< sines and cosines of all tiles; of one, in the last level
    std::size_t tile_floats = 0;              ///< of one tile in `kept`
    std::vector<std::size_t> sines, cosines;  ///< where those of a layer begin
    AlignedFloats map;                        ///< planes that the level before gives, or samples of them
    AlignedFloats results;                    ///< planes that it gives
    std::ptrdiff_t map_stride = 0, result_stride = 0;
    std::vector<TrainedMatrix> matrices;
    TrainedTileLevel arguments;

    int pixels() const { return x.size * y.size; }
  };

  void allocate(std::size_t at);
  void place(const WindowPart& part);
  void begin(std::size_t at, const float* pose, GradientSums& sums);
  TrainedTile tile_of(std::size_t at, int number);
  void evaluate(std::size_t at);
  void differentiate_level(std::size_t at);
  void differentiate_last(const WindowPart& part, const kernels::SirenStep& step, const StudentLoss& loss,
                          double fraction, std::array<double, StudentLoss::kTerms>& terms);
  void end(std::size_t at, const float* pose, GradientSums& sums) const;
  bool doubles(std::size_t at) const;
  SampledMap sampled(std::size_t at);

  const std::vector<PackedLevel>& packed_;
  SirenNumbers numbers_;
  int lanes_;
  std::vector<Level> levels_;
  AlignedFloats operands_[2], rows_, sampling_rows_, positions_;
  std::array<float*, kernels::kMaxSineLayers> sines_{}, cosines_{};
  TrainedTileScratch scratch_;
};

}  // namespace tha4
