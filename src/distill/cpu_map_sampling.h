#pragma once

#include <cstddef>

// Between the levels of a SIREN that learns on a CPU: bilinear samples of a map by a level of twice its
// resolution, and the gradient of the map from that of the samples.

namespace tha4 {

/// What a level looks at along an axis of the frame, in its own pixels; it may reach beyond the frame.
struct LevelExtent {
  int begin = 0;
  int size = 0;
  int resolution = 0;  ///< of the whole frame

  /// The pixels of a level of half the resolution between which these lie.
  LevelExtent halved() const;
};

/// A map, and the samples of it; planes of [channel][stride].
struct SampledMap {
  LevelExtent x, y;  ///< of the map: halved() of those of the samples
  LevelExtent fine_x, fine_y;
  int channels = 0;
  float* map = nullptr;
  std::ptrdiff_t map_stride = 0;
  float* samples = nullptr;
  std::ptrdiff_t sample_stride = 0;
  float* rows = nullptr;  ///< memory for sampling_row_floats()
};

/// Numbers before and behind planes that may be written to.
inline constexpr int kSamplingSlack = 64;

std::size_t sampling_row_floats(int fine_size);

/// Writes the samples. Cells of the map beyond the frame become those at its border.
void sample_map_planes(const SampledMap& map);

/// Writes the gradient of the map, that of the samples being in their place. What lies between the map's
/// pixels and its stride becomes 0.
void differentiate_map_planes(const SampledMap& map);

}  // namespace tha4
