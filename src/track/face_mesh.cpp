#include "face_mesh.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "model_file.h"

namespace tha4 {
namespace {

constexpr int kSurfacePoints = 468;
/// The mesh itself, lips, eyes, irises (in order: what comes later is more exact), and how sure it is.
constexpr int kResults = 7, kFirstIris = 4, kFlag = 6;
constexpr float kMinPresence = 0.5F;
constexpr float kLargerThanFace = 1.5F;
/// The first of an eye's points are its lids: an iris, whose depth is not seen, is as deep as they are.
constexpr std::size_t kLidPoints = 16;
/// Outer corners of the eyes, in the order of the picture.
constexpr std::size_t kLeftCorner = 33, kRightCorner = 263;

}  // namespace

FaceMesh::FaceMesh(ModelReader& models) : network_(models) {
  bool fits = network_.outputs() == kResults && network_.output_count(0) == 3 * std::size_t{kSurfacePoints} &&
              network_.output_count(kFlag) == 1;
  std::vector<bool> is_iris(kFacePoints);
  for (int i = 1; fits && i < kFlag; ++i) {
    const std::size_t points = network_.output_points(i).size();
    fits = network_.output_count(i) == 2 * points && (i >= kFirstIris || points >= kLidPoints || i == 1);
    for (const int point : network_.output_points(i)) is_iris[static_cast<std::size_t>(point)] = true;
  }
  // The irises' points are nobody else's.
  fits = fits &&
         std::count(is_iris.begin() + kSurfacePoints, is_iris.end(), true) == kFacePoints - kSurfacePoints;
  if (!fits) refuse_models("the second network is no face mesh");
}

std::optional<FacePoints> FaceMesh::find(const RgbaImageView& picture, const PictureSquare& square) {
  const int size = network_.input_size();
  crop_picture(picture, square, PictureEdge::repeated, size, 1.0F / 255, 0, network_.input());
  network_.run();
  FacePoints face;
  face.presence = 1 / (1 + std::exp(-network_.output(kFlag)[0]));
  if (!(face.presence >= kMinPresence)) return std::nullopt;
  const std::vector<float> surface = network_.output(0);
  for (std::size_t i = 0; i < kSurfacePoints; ++i) {
    face.points[i] = {surface[3 * i], surface[3 * i + 1], surface[3 * i + 2]};
  }
  for (int result = 1; result < kFlag; ++result) {
    const std::vector<float> places = network_.output(result);
    const std::vector<int>& points = network_.output_points(result);
    float depth = 0;
    if (result >= kFirstIris) {
      const std::vector<int>& lids = network_.output_points(result - 2);
      for (std::size_t i = 0; i < kLidPoints; ++i) {
        depth += face.points[static_cast<std::size_t>(lids[i])].z / static_cast<float>(kLidPoints);
      }
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      FacePoint& point = face.points[static_cast<std::size_t>(points[i])];
      point.x = places[2 * i];
      point.y = places[2 * i + 1];
      if (result >= kFirstIris) point.z = depth;
    }
  }
  const float to_fraction = 1 / static_cast<float>(size);
  for (FacePoint& point : face.points) {
    const PicturePlace place = place_in(square, point.x * to_fraction, point.y * to_fraction);
    point = {place.x, place.y, point.z * to_fraction * square.side};
    if (!std::isfinite(point.x) || !std::isfinite(point.y) || !std::isfinite(point.z)) return std::nullopt;
  }
  return face;
}

PictureSquare square_of(const FacePoints& face) {
  const auto [left, right] = std::minmax_element(face.points.begin(), face.points.end(),
                                                 [](FacePoint a, FacePoint b) { return a.x < b.x; });
  const auto [top, bottom] = std::minmax_element(face.points.begin(), face.points.end(),
                                                 [](FacePoint a, FacePoint b) { return a.y < b.y; });
  const FacePoint &from = face.points[kLeftCorner], &to = face.points[kRightCorner];
  return {(left->x + right->x) / 2, (top->y + bottom->y) / 2,
          kLargerThanFace * std::max(right->x - left->x, bottom->y - top->y),
          std::atan2(to.y - from.y, to.x - from.x)};
}

PictureSquare followed_square(const PictureSquare& before, const PictureSquare& now) {
  // Differences in fractions of the square, those of angles in radians.
  constexpr float kStill = 0.015F, kMoved = 0.05F;
  const float turn = std::remainder(now.angle - before.angle, 2 * std::numbers::pi_v<float>);
  const float side = std::max(now.side, 1.0F);
  const float difference = std::max({std::abs(now.x - before.x) / side, std::abs(now.y - before.y) / side,
                                     std::abs(now.side - before.side) / side, std::abs(turn)});
  const float fraction = std::clamp((difference - kStill) / (kMoved - kStill), 0.0F, 1.0F);
  return {before.x + fraction * (now.x - before.x), before.y + fraction * (now.y - before.y),
          before.side + fraction * (now.side - before.side), before.angle + fraction * turn};
}

}  // namespace tha4
