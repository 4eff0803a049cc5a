#pragma once

#include "channel_map.h"

// What lies between the convolutions of maps, compiled for several instruction sets.

namespace tha4 {

enum class MapActivation { none, silu, relu };

/// activation(slope * x + intercept) of each channel, and what is added to that.
struct ActivationTask {
  MapView from;
  MapView to;             ///< of the same type; half the size where `halves`
  int first_channel = 0;  ///< of `to`, which may have more channels than `from`
  const float* slopes = nullptr;
  const float* intercepts = nullptr;  ///< [channels of `from`]
  MapActivation activation = MapActivation::silu;
  bool halves = false;  ///< `to` has the means of 2x2 pixels of what comes out
  MapView added = {};   ///< of the size of `to` and the channels of `from`; without `origin`: nothing
};

/// Rows of `to` from \p begin to below \p end.
void activate_rows(const ActivationTask& task, int begin, int end);

/// Adds the sums of each channel, and of its squares, over rows of \p map.
/// \param sums  [2][channels]
void sum_rows(const MapView& map, int begin, int end, float* sums);

/// Writes rows of a map from planes of floats.
/// \param planes  [channels][height][width], with its steps; what is missing of the map's channels becomes 0
struct PlanesTask {
  const float* planes = nullptr;
  std::ptrdiff_t channel_step = 0, row_step = 0, pixel_step = 0;
  int channels = 0;
  MapView to;
};
void read_planes(const PlanesTask& task, int begin, int end);

}  // namespace tha4
