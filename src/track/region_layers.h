#pragma once

#include <array>
#include <span>
#include <utility>
#include <vector>

namespace tha4 {

/// Two rows of a matrix: where a place of a crop lies in the map that it is cut from.
/// x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5]
using RegionMatrix = std::array<float, 6>;

/// A region of the face: the box around points, turned as its x axis is, and larger by some factors.
struct FaceRegion {
  int left = 0, right = 0;  ///< the points that its x axis leads through
  std::vector<int> points;  ///< those that it holds
  float scale = 1;          ///< from points to places of the map
  float larger_x = 1, larger_y = 1;
  int side = 1;  ///< of the crop
};

/// The layer `Landmarks2TransformMatrix` of MediaPipe, version 2.
/// \param points  [x, y, z] each
RegionMatrix region_matrix(const FaceRegion& region, std::span<const float> points);

/// The layer `TransformTensorBilinear` of MediaPipe, version 2: places outside the map are 0.
/// \param map  [height][width][channels], channels a multiple of four
/// \param out  [side][side][channels]
void crop_map(const float* map, int height, int width, int channels, const RegionMatrix& matrix, int side,
              float* out);

}  // namespace tha4
