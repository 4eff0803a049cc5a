#include "head_turn.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace tha4 {
namespace {

/// Points of the skull: forehead, temples, the bridge of the nose, corners of the eyes, cheekbones.
constexpr std::array<std::size_t, 37> kStiffPoints = {
    10, 109, 338, 67, 297, 103, 332, 54,  284, 21,  251, 162, 389, 127, 356, 234, 454, 151, 168,
    6,  197, 195, 5,  4,   1,   33,  263, 133, 362, 116, 345, 123, 352, 93,  323, 122, 351};

constexpr float kDegrees = 180 / std::numbers::pi_v<float>;

FaceVector middle_of(const std::array<FacePoint, kFacePoints>& points) {
  FaceVector sum{};
  for (const std::size_t point : kStiffPoints) {
    sum[0] += points[point].x;
    sum[1] += points[point].y;
    sum[2] += points[point].z;
  }
  for (float& value : sum) value /= static_cast<float>(kStiffPoints.size());
  return sum;
}

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

}  // namespace

FaceVector turned(const Rotation& rotation, const FaceVector& vector) {
  FaceVector result{};
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) result[i] += rotation[i][j] * vector[j];
  }
  return result;
}

// Horn, "Closed-form solution of absolute orientation using unit quaternions", 1987.
Rotation head_rotation(const std::array<FacePoint, kFacePoints>& rest,
                       const std::array<FacePoint, kFacePoints>& face) {
  const FaceVector rest_middle = middle_of(rest), face_middle = middle_of(face);
  double s[3][3] = {};
  for (const std::size_t point : kStiffPoints) {
    const FaceVector from = {rest[point].x - rest_middle[0], rest[point].y - rest_middle[1],
                             rest[point].z - rest_middle[2]};
    const FaceVector to = {face[point].x - face_middle[0], face[point].y - face_middle[1],
                           face[point].z - face_middle[2]};
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j)
        s[i][j] += static_cast<double>(from[i]) * static_cast<double>(to[j]);
    }
  }
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
