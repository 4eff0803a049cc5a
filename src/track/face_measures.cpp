#include "face_measures.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace tha4 {
namespace {

using Points = std::array<FacePoint, kFacePoints>;

/// The points of an eye and its brow.
struct EyePoints {
  std::size_t outer, inner;                        ///< corners
  std::array<std::array<std::size_t, 2>, 5> lids;  ///< upper, lower
  std::size_t iris;                                ///< its middle; four points of its edge follow
  std::array<std::size_t, 2> brow_inner, brow_middle, brow_outer;
};

constexpr std::array<EyePoints, 2> kEyes = {{
    {263,
     362,
     {{{384, 381}, {385, 380}, {386, 374}, {387, 373}, {388, 390}}},
     473,
     {336, 285},
     {334, 282},
     {300, 276}},
    {33,
     133,
     {{{157, 154}, {158, 153}, {159, 145}, {160, 144}, {161, 163}}},
     468,
     {107, 55},
     {105, 52},
     {70, 46}},
}};
constexpr std::size_t kUpperLip = 13, kLowerLip = 14;  ///< their inner edges
constexpr std::size_t kLipTop = 0;
constexpr std::array<std::size_t, 2> kMouthCorners = {291, 61};

FaceVector vector_of(const FacePoint& from, const FacePoint& to) {
  return {to.x - from.x, to.y - from.y, to.z - from.z};
}

float dot(const FaceVector& a, const FaceVector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

FaceVector unit(FaceVector vector) {
  const float length = std::max(std::sqrt(dot(vector, vector)), 1e-6F);
  for (float& value : vector) value /= length;
  return vector;
}

FacePoint middle(const FacePoint& a, const FacePoint& b) {
  return {(a.x + b.x) / 2, (a.y + b.y) / 2, (a.z + b.z) / 2};
}

/// Lengths along the axes, in `unit`s.
struct Ruler {
  const Points& points;
  const FaceAxes& axes;
  float unit;

  float right(const FacePoint& from, const FacePoint& to) const {
    return dot(vector_of(from, to), axes.x) / unit;
  }
  float down(const FacePoint& from, const FacePoint& to) const {
    return dot(vector_of(from, to), axes.y) / unit;
  }
};

EyeMeasures measure_eye(const Points& points, const FaceAxes& axes, const EyePoints& eye, float face_unit) {
  const FacePoint &outer = points[eye.outer], &inner = points[eye.inner];
  const FacePoint corners = middle(outer, inner);
  const float width = std::max(std::abs(dot(vector_of(inner, outer), axes.x)), 1e-3F * face_unit);
  const Ruler by_eye{points, axes, width}, by_face{points, axes, face_unit};
  EyeMeasures measures;
  for (const auto& [upper, lower] : eye.lids) {
    measures.open += by_eye.down(points[upper], points[lower]) / static_cast<float>(eye.lids.size());
    measures.lower_lid -= by_eye.down(corners, points[lower]) / static_cast<float>(eye.lids.size());
  }
  constexpr std::size_t kIrisPoints = 5;
  for (std::size_t i = 0; i < kIrisPoints; ++i) {
    measures.gaze_x += by_eye.right(corners, points[eye.iris + i]) / static_cast<float>(kIrisPoints);
    measures.gaze_y += by_eye.down(corners, points[eye.iris + i]) / static_cast<float>(kIrisPoints);
  }
  const auto height = [&](const std::array<std::size_t, 2>& brow) {
    return -by_face.down(corners, middle(points[brow[0]], points[brow[1]]));
  };
  measures.brow_inner = height(eye.brow_inner);
  measures.brow_middle = height(eye.brow_middle);
  measures.brow_outer = height(eye.brow_outer);
  return measures;
}

}  // namespace

FaceAxes axes_of(const Points& rest) {
  const FaceVector x = unit(vector_of(rest[kEyes[1].outer], rest[kEyes[0].outer]));
  FaceVector y = vector_of(middle(rest[kEyes[0].outer], rest[kEyes[1].outer]),
                           middle(rest[kMouthCorners[0]], rest[kMouthCorners[1]]));
  const float along = dot(x, y);
  for (std::size_t i = 0; i < 3; ++i) y[i] -= along * x[i];
  return {x, unit(y)};
}

FaceMeasures measure_face(const Points& points, const FaceAxes& axes) {
  const float unit =
      std::max(std::abs(dot(vector_of(points[kEyes[1].outer], points[kEyes[0].outer]), axes.x)), 1e-3F);
  const Ruler ruler{points, axes, unit};
  FaceMeasures measures;
  for (std::size_t side = 0; side < 2; ++side) {
    measures.eyes[side] = measure_eye(points, axes, kEyes[side], unit);
    measures.mouth_corners[side] = -ruler.down(points[kLipTop], points[kMouthCorners[side]]);
  }
  measures.mouth_open = ruler.down(points[kUpperLip], points[kLowerLip]);
  measures.mouth_width = ruler.right(points[kMouthCorners[1]], points[kMouthCorners[0]]);
  return measures;
}

std::array<float, kMeasures> measures_list(const FaceMeasures& measures) {
  std::array<float, kMeasures> list{};
  std::size_t count = 0;
  for (const EyeMeasures& eye : measures.eyes) {
    for (const float value :
         {eye.open, eye.lower_lid, eye.gaze_x, eye.gaze_y, eye.brow_inner, eye.brow_middle, eye.brow_outer}) {
      list[count++] = value;
    }
  }
  for (const float value :
       {measures.mouth_open, measures.mouth_width, measures.mouth_corners[0], measures.mouth_corners[1]}) {
    list[count++] = value;
  }
  return list;
}

FaceMeasures measures_of_list(const std::array<float, kMeasures>& list) {
  FaceMeasures measures;
  std::size_t count = 0;
  for (EyeMeasures& eye : measures.eyes) {
    for (float* const value : {&eye.open, &eye.lower_lid, &eye.gaze_x, &eye.gaze_y, &eye.brow_inner,
                               &eye.brow_middle, &eye.brow_outer}) {
      *value = list[count++];
    }
  }
  for (float* const value : {&measures.mouth_open, &measures.mouth_width, &measures.mouth_corners[0],
                             &measures.mouth_corners[1]}) {
    *value = list[count++];
  }
  return measures;
}

}  // namespace tha4
