#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "channel_map.h"
#include "convolution_kernels.h"
#include "map_kernels.h"
#include <ATen/core/Tensor.h>

#include "tha4/engine/tile_workers.h"

namespace tha4 {

/// A map that a layer gave.
struct LayerMap {
  std::shared_ptr<const MapView> view;
  int channels = 0;  ///< that the network has
  std::vector<double> sums = {},
                      squares = {};  ///< of each channel, and of its squares: empty where nobody needs them
};

/// What of an image's maps comes before an activation.
struct ChannelLines {
  std::vector<float> slopes, intercepts;  ///< [padded channels of all maps, one after the other]
};

/// The layers of networks of maps, each shared out over threads. One at a time.
class MapPlayer {
 public:
  MapPlayer(MapType type, std::shared_ptr<TileWorkers> workers);

  /// \param planes  float [C, H, W] on the CPU
  LayerMap read(const at::Tensor& planes);

  /// A view of the channels that the network has, [H, W, C] of the map's type.
  static at::Tensor tensor_of(const LayerMap& map);

  /// Maps beside each other, each channel by its line; \p halves their size.
  LayerMap activate(const std::vector<const LayerMap*>& maps, const ChannelLines& lines,
                    MapActivation activation, bool halves = false);

  /// A map whose channels go by their lines.
  /// \param added   to what comes out, of the same size, or null
  /// \param beside  whose channels follow as they are, or null
  LayerMap settle(const LayerMap& map, const ChannelLines& lines, MapActivation activation,
                  const LayerMap* added = nullptr, const LayerMap* beside = nullptr);

  /// A convolution of more than one place, of \p from into \p outputs channels.
  /// \param added   to the results, as \p addition says
  /// \param target  the map to write, or none for a new one
  LayerMap convolve(const PackedConvolution& convolution, const LayerMap& from, int outputs,
                    Addition addition = Addition::none, const MapView& added = {},
                    std::shared_ptr<const MapView> target = nullptr);

  /// The same, the results in float32, without their sums.
  LayerMap convolve_to_floats(const PackedConvolution& convolution, const LayerMap& from, int outputs);

  /// 1x1 convolutions of \p maps, at most two, added up; without their sums.
  LayerMap mix(const std::vector<PackedConvolution>& convolutions, const std::vector<const LayerMap*>& maps,
               int outputs);

  /// A new map of \p values, float [H, W, C], with its sums.
  LayerMap write(const at::Tensor& values);

  MapType type() const { return pool_.type(); }

  /// Who plays a network holds this.
  std::mutex& mutex() { return mutex_; }

 private:
  LayerMap take(int height, int width, int channels);
  /// Does \p tasks, whose results lie beside each other in \p result.
  void activate_into(const LayerMap& result, const std::vector<ActivationTask>& tasks);
  LayerMap convolve_into(const ConvolutionTask& task, LayerMap to);
  /// Calls work(first row, row after the last, thread) for all rows.
  void for_rows(int rows, int values_of_row, const std::function<void(int, int, int)>& work);

  std::mutex mutex_;
  MapPool pool_;
  std::shared_ptr<TileWorkers> workers_;
  std::vector<ConvolutionScratch> scratch_;  ///< of each thread
};

}  // namespace tha4
