#include "curve.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include <glm/geometric.hpp>
#include <glm/trigonometric.hpp>

namespace tha4::generator {
namespace {

/// Distance between the points of a flattened curve, in pixels of the rest image.
constexpr float kStep = 0.7F;

/// Appends the centripetal Catmull-Rom piece from \p b to \p c, without its end.
void append_piece(Points& points, glm::vec2 a, glm::vec2 b, glm::vec2 c, glm::vec2 d) {
  const auto knot = [](glm::vec2 p, glm::vec2 q) { return std::max(1e-3F, std::sqrt(glm::length(q - p))); };
  const float t1 = knot(a, b);
  const float t2 = t1 + knot(b, c);
  const float t3 = t2 + knot(c, d);
  const int steps = std::max(2, static_cast<int>(glm::length(c - b) / kStep));
  for (int i = 0; i < steps; ++i) {
    const float t = t1 + (t2 - t1) * static_cast<float>(i) / static_cast<float>(steps);
    const glm::vec2 ab = a + (b - a) * (t / t1);
    const glm::vec2 bc = b + (c - b) * ((t - t1) / (t2 - t1));
    const glm::vec2 cd = c + (d - c) * ((t - t2) / (t3 - t2));
    const glm::vec2 abc = ab + (bc - ab) * (t / t2);
    const glm::vec2 bcd = bc + (cd - bc) * ((t - t1) / (t3 - t1));
    points.push_back(abc + (bcd - abc) * ((t - t1) / (t2 - t1)));
  }
}

}  // namespace

Points smooth_curve(std::span<const glm::vec2> through) {
  Points points;
  const std::size_t n = through.size();
  for (std::size_t i = 0; i + 1 < n; ++i) {
    const glm::vec2 before = i == 0 ? 2.0F * through[0] - through[1] : through[i - 1];
    const glm::vec2 after = i + 2 < n ? through[i + 2] : 2.0F * through[n - 1] - through[n - 2];
    append_piece(points, before, through[i], through[i + 1], after);
  }
  points.push_back(through[n - 1]);
  return points;
}

Points smooth_loop(std::span<const glm::vec2> through) {
  Points points;
  const std::size_t n = through.size();
  for (std::size_t i = 0; i < n; ++i) {
    append_piece(points, through[(i + n - 1) % n], through[i], through[(i + 1) % n], through[(i + 2) % n]);
  }
  return points;
}

Points bezier(glm::vec2 start, glm::vec2 start_handle, glm::vec2 end_handle, glm::vec2 end) {
  const float size = glm::length(start_handle - start) + glm::length(end_handle - start_handle) +
                     glm::length(end - end_handle);
  const int steps = std::max(4, static_cast<int>(size / kStep));
  Points points;
  for (int i = 0; i <= steps; ++i) {
    const float t = static_cast<float>(i) / static_cast<float>(steps);
    const float s = 1 - t;
    points.push_back(s * s * s * start + 3 * s * s * t * start_handle + 3 * s * t * t * end_handle +
                     t * t * t * end);
  }
  return points;
}

Points ellipse(glm::vec2 center, glm::vec2 radii, float degrees) {
  const float turn = degrees * std::numbers::pi_v<float> / 180;
  const int steps =
      std::max(16, static_cast<int>(2 * std::numbers::pi_v<float> * std::max(radii.x, radii.y) / kStep));
  Points points;
  for (int i = 0; i < steps; ++i) {
    const float angle = 2 * std::numbers::pi_v<float> * static_cast<float>(i) / static_cast<float>(steps);
    const glm::vec2 p = radii * glm::vec2(std::cos(angle), std::sin(angle));
    points.push_back(center + glm::vec2(p.x * std::cos(turn) - p.y * std::sin(turn),
                                        p.x * std::sin(turn) + p.y * std::cos(turn)));
  }
  return points;
}

Points mirrored(std::span<const glm::vec2> points, float x) {
  Points result(points.begin(), points.end());
  for (glm::vec2& point : result) point.x = 2 * x - point.x;
  return result;
}

Points reversed(std::span<const glm::vec2> points) {
  return {points.rbegin(), points.rend()};
}

Points shifted(std::span<const glm::vec2> points, glm::vec2 offset) {
  Points result(points.begin(), points.end());
  for (glm::vec2& point : result) point += offset;
  return result;
}

Points turned(std::span<const glm::vec2> points, glm::vec2 about, float degrees) {
  const float angle = glm::radians(degrees);
  Points result;
  for (const glm::vec2& point : points) {
    const glm::vec2 d = point - about;
    result.push_back(about + glm::vec2(d.x * std::cos(angle) - d.y * std::sin(angle),
                                       d.x * std::sin(angle) + d.y * std::cos(angle)));
  }
  return result;
}

Points closed(std::span<const glm::vec2> loop) {
  return joined(loop, loop.first(1));
}

glm::vec2 beside(float side, float x, float y) {
  return {256 + side * x, y};
}

Points joined(std::span<const glm::vec2> first, std::span<const glm::vec2> second) {
  Points result(first.begin(), first.end());
  result.insert(result.end(), second.begin(), second.end());
  return result;
}

float length_of(std::span<const glm::vec2> points) {
  float length = 0;
  for (std::size_t i = 1; i < points.size(); ++i) length += glm::length(points[i] - points[i - 1]);
  return length;
}

Points resampled(std::span<const glm::vec2> points, int count) {
  const float step = length_of(points) / static_cast<float>(count - 1);
  Points result{points.front()};
  float done = 0;
  std::size_t i = 1;
  while (static_cast<int>(result.size()) < count - 1) {
    const float goal = step * static_cast<float>(result.size());
    float piece = glm::length(points[i] - points[i - 1]);
    while (i + 1 < points.size() && done + piece < goal) {
      done += piece;
      ++i;
      piece = glm::length(points[i] - points[i - 1]);
    }
    const float fraction = piece > 0 ? std::min(1.0F, (goal - done) / piece) : 0.0F;
    result.push_back(points[i - 1] + (points[i] - points[i - 1]) * fraction);
  }
  result.push_back(points.back());
  return result;
}

glm::vec2 point_at(std::span<const glm::vec2> points, float along) {
  float left = std::clamp(along, 0.0F, 1.0F) * length_of(points);
  for (std::size_t i = 1; i < points.size(); ++i) {
    const float piece = glm::length(points[i] - points[i - 1]);
    if (piece > 0 && left <= piece) return points[i - 1] + (points[i] - points[i - 1]) * (left / piece);
    left -= piece;
  }
  return points.back();
}

bool is_inside(std::span<const glm::vec2> loop, glm::vec2 point) {
  bool inside = false;
  for (std::size_t i = 0, j = loop.size() - 1; i < loop.size(); j = i++) {
    const glm::vec2 a = loop[i];
    const glm::vec2 b = loop[j];
    if ((a.y > point.y) != (b.y > point.y) && point.x < (b.x - a.x) * (point.y - a.y) / (b.y - a.y) + a.x) {
      inside = !inside;
    }
  }
  return inside;
}

}  // namespace tha4::generator
