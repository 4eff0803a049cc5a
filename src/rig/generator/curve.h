#pragma once

#include <span>
#include <vector>

#include <glm/vec2.hpp>

namespace tha4::generator {

/// A path as a dense row of points in the coordinates of the rest image. Pieces are joined by appending.
using Points = std::vector<glm::vec2>;

/// The smooth open curve (centripetal Catmull-Rom) through \p through, at least two points.
Points smooth_curve(std::span<const glm::vec2> through);

/// The smooth closed curve through \p through, at least three points; the first is not repeated at the end.
Points smooth_loop(std::span<const glm::vec2> through);

/// A cubic Bezier curve.
Points bezier(glm::vec2 start, glm::vec2 start_handle, glm::vec2 end_handle, glm::vec2 end);

/// A closed ellipse, turned clockwise by \p degrees.
Points ellipse(glm::vec2 center, glm::vec2 radii, float degrees = 0);

/// The points mirrored at the vertical line at \p x.
Points mirrored(std::span<const glm::vec2> points, float x = 256);

/// The points in the opposite order.
Points reversed(std::span<const glm::vec2> points);

Points shifted(std::span<const glm::vec2> points, glm::vec2 offset);

/// The points turned clockwise about \p about.
Points turned(std::span<const glm::vec2> points, glm::vec2 about, float degrees);

/// The loop with its first point repeated at the end.
Points closed(std::span<const glm::vec2> loop);

/// The point \p x pixels beside the middle of the picture: to the right of it where \p side is 1, to the left
/// where it is -1.
glm::vec2 beside(float side, float x, float y);

/// The first row, then the others.
Points joined(std::span<const glm::vec2> first, std::span<const glm::vec2> second);

/// Length along the open row.
float length_of(std::span<const glm::vec2> points);

/// \p count points at equal distances along the open row, its ends included; \p count is at least 2.
Points resampled(std::span<const glm::vec2> points, int count);

/// The point at the fraction \p along (0 to 1) of the open row's length.
glm::vec2 point_at(std::span<const glm::vec2> points, float along);

/// Whether \p point lies inside the closed row (even-odd rule).
bool is_inside(std::span<const glm::vec2> loop, glm::vec2 point);

}  // namespace tha4::generator
