#include "triangulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include <glm/common.hpp>
#include <glm/geometric.hpp>

#include "tha4/base/error.h"

namespace tha4::generator {
namespace {

using Triangle = std::array<std::uint32_t, 3>;
using Edge = std::pair<std::uint32_t, std::uint32_t>;

struct Point {
  double x;
  double y;
};

/// Whether \p p lies within the circle through the corners of a triangle.
bool is_in_circumcircle(const Point& a, const Point& b, const Point& c, const Point& p) {
  const double ax = a.x - p.x;
  const double ay = a.y - p.y;
  const double bx = b.x - p.x;
  const double by = b.y - p.y;
  const double cx = c.x - p.x;
  const double cy = c.y - p.y;
  const double determinant = (ax * ax + ay * ay) * (bx * cy - cx * by) -
                             (bx * bx + by * by) * (ax * cy - cx * ay) +
                             (cx * cx + cy * cy) * (ax * by - bx * ay);
  const double orientation = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  return orientation > 0 ? determinant > 0 : determinant < 0;
}

/// Bowyer and Watson's insertion of one point after the other.
std::vector<Triangle> delaunay(const Points& points) {
  std::vector<Point> corners;
  for (const glm::vec2& point : points) corners.push_back({point.x, point.y});
  const auto count = static_cast<std::uint32_t>(corners.size());
  corners.insert(corners.end(), {{-1e5, -1e5}, {1e5, -1e5}, {0, 2e5}});
  std::vector<Triangle> triangles{{count, count + 1, count + 2}};
  for (std::uint32_t p = 0; p < count; ++p) {
    std::set<Edge> rim;
    std::vector<Triangle> kept;
    for (const Triangle& triangle : triangles) {
      if (!is_in_circumcircle(corners[triangle[0]], corners[triangle[1]], corners[triangle[2]], corners[p])) {
        kept.push_back(triangle);
        continue;
      }
      for (std::size_t k = 0; k < 3; ++k) {
        const Edge edge{triangle[k], triangle[(k + 1) % 3]};
        if (rim.erase({edge.second, edge.first}) == 0) rim.insert(edge);
      }
    }
    for (const Edge& edge : rim) kept.push_back({edge.first, edge.second, p});
    triangles = std::move(kept);
  }
  std::erase_if(triangles, [count](const Triangle& triangle) {
    return std::ranges::any_of(triangle, [count](std::uint32_t v) { return v >= count; });
  });
  return triangles;
}

float distance_to(std::span<const glm::vec2> loop, glm::vec2 point) {
  float min = 1e9F;
  for (const glm::vec2& other : loop) min = std::min(min, glm::length(other - point));
  return min;
}

void check_edges(const std::vector<Triangle>& triangles, std::uint32_t first, std::size_t count) {
  std::set<Edge> edges;
  for (const Triangle& triangle : triangles) {
    for (std::size_t k = 0; k < 3; ++k) {
      const auto [min, max] = std::minmax({triangle[k], triangle[(k + 1) % 3]});
      edges.insert({min, max});
    }
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto next = static_cast<std::uint32_t>((i + 1) % count);
    const auto [min, max] = std::minmax({first + i, first + next});
    if (edges.count({min, max}) == 0) {
      throw Error("an outline cannot be triangulated: its points lie too far apart at point " +
                  std::to_string(first + i));
    }
  }
}

}  // namespace

Triangulation triangulate(std::span<const glm::vec2> outline, std::span<const Points> holes, float cell) {
  Triangulation result;
  result.points.assign(outline.begin(), outline.end());
  glm::vec2 min = outline[0];
  glm::vec2 max = outline[0];
  for (const glm::vec2& point : outline) {
    min = glm::min(min, point);
    max = glm::max(max, point);
  }
  for (const Points& hole : holes) result.points.insert(result.points.end(), hole.begin(), hole.end());
  const Points rims = result.points;
  const auto is_in_area = [&](glm::vec2 point) {
    return is_inside(outline, point) &&
           std::ranges::none_of(holes, [&](const Points& hole) { return is_inside(hole, point); });
  };
  const float row_height = cell * 0.866F;
  int row = 0;
  for (float y = min.y; y <= max.y; y += row_height, ++row) {
    for (float x = min.x + (row % 2 == 0 ? 0 : cell / 2); x <= max.x; x += cell) {
      // Irregular by a trace: points on one circle would make Delaunay's triangles ambiguous.
      const glm::vec2 point(x + 0.013F * std::sin(y * 1.7F + x), y + 0.011F * std::sin(x * 2.3F));
      if (is_in_area(point) && distance_to(rims, point) > cell * 0.45F) result.points.push_back(point);
    }
  }
  const std::vector<Triangle> triangles = delaunay(result.points);
  check_edges(triangles, 0, outline.size());
  auto first = static_cast<std::uint32_t>(outline.size());
  for (const Points& hole : holes) {
    check_edges(triangles, first, hole.size());
    first += static_cast<std::uint32_t>(hole.size());
  }
  for (const Triangle& triangle : triangles) {
    const glm::vec2 middle =
        (result.points[triangle[0]] + result.points[triangle[1]] + result.points[triangle[2]]) / 3.0F;
    if (is_in_area(middle)) {
      result.triangles.insert(result.triangles.end(), triangle.begin(), triangle.end());
    }
  }
  return result;
}

}  // namespace tha4::generator
