#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "gpu_convolutions.h"
#include <ATen/core/Tensor.h>

namespace tha4 {

/// A map on a GPU, and the sums that the next norm takes.
struct GpuMap {
  at::Tensor values;  ///< [N, H, W, C], of 16 bits
  at::Tensor sums;    ///< [N, C, 2], see kernels::kSumScale; undefined where nobody needs them
};

/// A convolution's weights on a GPU.
struct GpuConvolution {
  at::Tensor weights;  ///< see pack_map_weights()
  at::Tensor biases;   ///< float32, padded
  int outputs = 0;     ///< that the network has
  int taps = 9;
};

struct GpuNorm {
  at::Tensor gammas, betas;  ///< float32 [C]
  int groups = 1;
};

/// Scales and shifts of images, which follow a norm.
struct GpuConditions {
  const float* first = nullptr;  ///< of the first image: scales, then shifts
  int step = 0;                  ///< from one image's to the next one's
};

/// All that a convolution may take besides its weights.
struct GpuSurroundings {
  const GpuNorm* norm = nullptr;
  GpuConditions conditions = {};
  kernels::MapActivation activation = kernels::MapActivation::none;
  bool halves = false;
  const GpuConvolution* skip = nullptr;
  std::vector<const GpuMap*> skipped = {};
  const GpuMap* added = nullptr;
  kernels::MapAddition addition = kernels::MapAddition::none;
  bool needs_sums = true;
  bool to_floats = false;
};

/// The layers of a network of maps on a GPU, one network at a time.
class GpuMapLayers {
 public:
  /// \param convolutions  which several networks may share
  explicit GpuMapLayers(std::shared_ptr<GpuConvolutions> convolutions)
      : convolutions_(std::move(convolutions)) {}

  /// \param biases  undefined: none
  GpuConvolution pack(const at::Tensor& weights, const at::Tensor& biases,
                      MapWeights kind = MapWeights::plain) const;
  GpuNorm pack_norm(const at::Tensor& gammas, const at::Tensor& betas, int groups) const;

  /// Makes room for the sums of \p channels channels of maps of \p images images.
  void begin(std::int64_t images, std::int64_t channels);
  void end() { sums_ = at::Tensor(); }

  /// Compiles what \p play launches, all of it at the same time, unless it has been called with an input of
  /// these sizes before. \p play is called once for that, and nothing is launched: its maps are of no
  /// meaning.
  void compile(const GpuMap& input, const std::function<void()>& play);

  /// \param planes  [N, C, H, W] of any floating type
  /// \param fold    so many by so many pixels of a plane become channels beside each other
  GpuMap read(const at::Tensor& planes, std::int64_t fold = 1) const;

  /// The reverse, of a map of float32.
  /// \return [N, channels, H, W], H and W `fold` times the map's
  at::Tensor planes_of(const GpuMap& map, std::int64_t channels, std::int64_t fold) const;

  GpuMap convolve(const GpuConvolution& convolution, const std::vector<const GpuMap*>& from,
                  const GpuSurroundings& surroundings);

  /// The map after a norm of each channel and \p activation. Its sums are not known.
  /// \param added  to it, or null
  /// \param pose   [N, parameters], which become channels of every pixel, or undefined
  GpuMap settle(const GpuMap& map, const GpuNorm& norm, kernels::MapActivation activation,
                const GpuMap* added = nullptr, const at::Tensor& pose = {});

  c10::Device device() const { return convolutions_->device(); }

 private:
  at::Tensor take_sums(std::int64_t images, std::int64_t channels);
  GpuMap results_of(const MapConvolutionShape& shape, const GpuConvolution& convolution,
                    const GpuSurroundings& surroundings, kernels::MapConvolution& work);

  std::shared_ptr<GpuConvolutions> convolutions_;
  at::Tensor sums_;  ///< of all maps of the frame that is played
  std::int64_t used_sums_ = 0;
  std::set<std::vector<std::int64_t>> known_inputs_;  ///< sizes of which all is compiled
  bool only_collects_ = false;                        ///< what would be launched
  std::set<MapConvolutionLayout> collected_;
};

}  // namespace tha4
