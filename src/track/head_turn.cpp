#include "head_turn.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace tha4 {
namespace {

/// Points above the mouth that brows, lids and cheeks hardly move.
constexpr std::array<std::size_t, 95> kStiffPoints = {
    1,   3,   5,   8,   10,  20,  31,  34,  44,  47,  49,  54,  60,  67,  69,  75,  93,  99,  103,
    108, 111, 114, 116, 118, 120, 122, 124, 126, 128, 132, 134, 139, 143, 162, 168, 177, 189, 196,
    198, 215, 218, 220, 227, 229, 231, 233, 235, 237, 239, 241, 244, 248, 251, 263, 265, 275, 278,
    281, 289, 294, 298, 301, 309, 328, 332, 337, 340, 343, 345, 347, 349, 351, 353, 355, 357, 361,
    363, 368, 372, 392, 401, 413, 420, 437, 439, 446, 448, 450, 452, 454, 456, 458, 460, 462, 465};

constexpr float kDegrees = 180 / std::numbers::pi_v<float>;

using Points = std::array<FacePoint, kFacePoints>;

FaceVector from_middle(const FacePoint& point, const FaceVector& middle) {
  return {point.x - middle[0], point.y - middle[1], point.z - middle[2]};
}

FaceVector middle_of(const Points& points) {
  FaceVector sum{};
  for (const std::size_t point : kStiffPoints) {
    sum[0] += points[point].x;
    sum[1] += points[point].y;
    sum[2] += points[point].z;
  }
  for (float& value : sum) value /= static_cast<float>(kStiffPoints.size());
  return sum;
}

using Matrix3 = std::array<std::array<double, 3>, 3>;
using Matrix4 = std::array<std::array<double, 4>, 4>;

/// \p matrix times itself, to a largest number of 1.
Matrix4 squared(const Matrix4& matrix) {
  Matrix4 result{};
  double largest = 1e-300;
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) {
      for (std::size_t k = 0; k < 4; ++k) result[i][j] += matrix[i][k] * matrix[k][j];
      largest = std::max(largest, std::abs(result[i][j]));
    }
  }
  for (auto& row : result) {
    for (double& value : row) value /= largest;
  }
  return result;
}

/// The eigenvector of the largest eigenvalue of a symmetric matrix: powers of it lead there.
std::array<double, 4> main_vector(Matrix4 matrix) {
  double norm = 0;
  for (const auto& row : matrix) {
    for (const double value : row) norm += value * value;
  }
  // Its largest eigenvalue becomes that of the largest size, too.
  for (std::size_t i = 0; i < 4; ++i) matrix[i][i] += std::sqrt(norm);
  constexpr int kSquarings = 24;
  for (int i = 0; i < kSquarings; ++i) matrix = squared(matrix);
  std::size_t column = 0;
  for (std::size_t i = 1; i < 4; ++i) {
    if (matrix[i][i] > matrix[column][column]) column = i;
  }
  std::array<double, 4> vector{};
  double length = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    vector[i] = matrix[i][column];
    length += vector[i] * vector[i];
  }
  if (!(length > 0)) return {1, 0, 0, 0};
  for (double& value : vector) value /= std::sqrt(length);
  return vector;
}

/// The rotation R that goes best with s[i][j], the sums of products of what is turned (i) and what it becomes
/// (j). Horn, "Closed-form solution of absolute orientation using unit quaternions", 1987.
Rotation nearest_rotation(const Matrix3& s) {
  const double x = s[1][2] - s[2][1], y = s[2][0] - s[0][2], z = s[0][1] - s[1][0];
  const Matrix4 matrix = {{{s[0][0] + s[1][1] + s[2][2], x, y, z},
                           {x, s[0][0] - s[1][1] - s[2][2], s[0][1] + s[1][0], s[2][0] + s[0][2]},
                           {y, s[0][1] + s[1][0], s[1][1] - s[0][0] - s[2][2], s[1][2] + s[2][1]},
                           {z, s[2][0] + s[0][2], s[1][2] + s[2][1], s[2][2] - s[0][0] - s[1][1]}}};
  const auto [a, b, c, d] = main_vector(matrix);
  const auto real = [](double value) { return static_cast<float>(value); };
  return {{{real(a * a + b * b - c * c - d * d), real(2 * (b * c - a * d)), real(2 * (b * d + a * c))},
           {real(2 * (b * c + a * d)), real(a * a - b * b + c * c - d * d), real(2 * (c * d - a * b))},
           {real(2 * (b * d - a * c)), real(2 * (c * d + a * b)), real(a * a - b * b - c * c + d * d)}}};
}

double determinant(const Matrix3& m) {
  return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
         m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
         m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

/// The x with m x = b, by Cramer's rule.
/// \param size  the determinant of m, not 0
std::array<double, 3> solution(const Matrix3& m, const std::array<double, 3>& b, double size) {
  std::array<double, 3> x{};
  for (std::size_t column = 0; column < 3; ++column) {
    Matrix3 replaced = m;
    for (std::size_t row = 0; row < 3; ++row) replaced[row][column] = b[row];
    x[column] = determinant(replaced) / size;
  }
  return x;
}

/// The rotation by where points of \p rest, which have depths, are seen in the picture of \p face: the linear
/// map from space to the picture that fits best, and what it says of the third axis. \p other where that
/// cannot be told.
Rotation rotation_by_places(const Points& rest, const Points& face, const Rotation& other) {
  const FaceVector rest_middle = middle_of(rest), face_middle = middle_of(face);
  Matrix3 squares{};
  std::array<double, 3> to_x{}, to_y{};
  for (const std::size_t point : kStiffPoints) {
    const FaceVector from = from_middle(rest[point], rest_middle), to = from_middle(face[point], face_middle);
    for (std::size_t i = 0; i < 3; ++i) {
      const auto value = static_cast<double>(from[i]);
      for (std::size_t j = 0; j < 3; ++j) squares[i][j] += value * static_cast<double>(from[j]);
      to_x[i] += value * static_cast<double>(to[0]);
      to_y[i] += value * static_cast<double>(to[1]);
    }
  }
  const double size = determinant(squares);
  const double diagonal = squares[0][0] * squares[1][1] * squares[2][2];
  if (!(size > 1e-4 * diagonal) || !std::isfinite(diagonal)) return other;
  const auto x = solution(squares, to_x, size), y = solution(squares, to_y, size);
  const auto length = [](const std::array<double, 3>& v) {
    return std::sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  };
  const double scale = std::sqrt(length(x) * length(y));
  if (!(scale > 0)) return other;
  const std::array<double, 3> z = {(x[1] * y[2] - x[2] * y[1]) / scale, (x[2] * y[0] - x[0] * y[2]) / scale,
                                   (x[0] * y[1] - x[1] * y[0]) / scale};
  Matrix3 map{};
  for (std::size_t i = 0; i < 3; ++i) map[i] = {x[i], y[i], z[i]};
  return nearest_rotation(map);
}

}  // namespace

FaceVector turned(const Rotation& rotation, const FaceVector& vector) {
  FaceVector result{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) result[i] += rotation[i][j] * vector[j];
  }
  return result;
}

Rotation head_rotation(const Points& rest, const Points& face) {
  const FaceVector rest_middle = middle_of(rest), face_middle = middle_of(face);
  Matrix3 correlations{};
  for (const std::size_t point : kStiffPoints) {
    const FaceVector from = from_middle(rest[point], rest_middle), to = from_middle(face[point], face_middle);
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) {
        correlations[i][j] += static_cast<double>(from[i]) * static_cast<double>(to[j]);
      }
    }
  }
  return nearest_rotation(correlations);
}

HeadAngles head_angles(const Points& rest, const Points& face) {
  const Rotation rotation = head_rotation(rest, face);
  HeadAngles angles = head_angles(rotation);
  angles.yaw = head_angles(rotation_by_places(rest, face, rotation)).yaw;
  return angles;
}

// The rotation is Rz(-roll) Ry(yaw) Rx(-pitch).
HeadAngles head_angles(const Rotation& rotation) {
  return {.pitch = -std::atan2(rotation[2][1], rotation[2][2]) * kDegrees,
          .yaw = -std::asin(std::clamp(rotation[2][0], -1.0F, 1.0F)) * kDegrees,
          .roll = -std::atan2(rotation[1][0], rotation[0][0]) * kDegrees};
}

Rotation rotation_of(const HeadAngles& angles) {
  const float x = -angles.pitch / kDegrees, y = angles.yaw / kDegrees, z = -angles.roll / kDegrees;
  const float cx = std::cos(x), sx = std::sin(x), cy = std::cos(y), sy = std::sin(y), cz = std::cos(z),
              sz = std::sin(z);
  return {{{cz * cy, cz * sy * sx - sz * cx, cz * sy * cx + sz * sx},
           {sz * cy, sz * sy * sx + cz * cx, sz * sy * cx - cz * sx},
           {-sy, cy * sx, cy * cx}}};
}

}  // namespace tha4
