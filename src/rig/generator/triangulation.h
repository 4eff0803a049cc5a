#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "curve.h"

namespace tha4::generator {

struct Triangulation {
  Points points;
  std::vector<std::uint32_t> triangles;  ///< three points each
};

/// Triangles over the area inside \p outline and outside of \p holes (closed loops, which do not touch), with
/// points of a hexagonal grid of edge \p cell inside. Points are first those of the outline, then of the
/// holes, in their order. Throws Error if the triangles would cut across an edge of a loop: its points lie
/// too far apart there.
Triangulation triangulate(std::span<const glm::vec2> outline, std::span<const Points> holes, float cell);

}  // namespace tha4::generator
