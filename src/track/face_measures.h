#pragma once

#include <array>

#include "head_turn.h"

#include "tha4/track/face_points.h"

namespace tha4 {

/// Axes of a face: x towards its left side (the picture's right), y to the chin.
struct FaceAxes {
  FaceVector x, y;
};

/// Those of a face at rest, by the corners of the eyes and the mouth.
FaceAxes axes_of(const std::array<FacePoint, kFacePoints>& rest);

/// What is seen of one eye and brow. Lids and gaze in widths of the eye, brows in distances of the outer
/// corners of the eyes.
struct EyeMeasures {
  float open = 0;        ///< from lid to lid
  float lower_lid = 0;   ///< how high it lies above the line of the corners
  float gaze_x = 0;      ///< where the iris is from the middle of the corners, along the face's x
  float gaze_y = 0;      ///< downwards
  float brow_inner = 0;  ///< heights above the corners' line
  float brow_middle = 0;
  float brow_outer = 0;
};

/// What is seen of a face, by its own axes; lengths of the mouth in distances of the outer corners of the
/// eyes.
struct FaceMeasures {
  std::array<EyeMeasures, 2> eyes;       ///< the face's left one, then its right one
  float mouth_open = 0;                  ///< from lip to lip
  float mouth_width = 0;                 ///< from corner to corner
  std::array<float, 2> mouth_corners{};  ///< heights above the middle of the upper lip; left, right
};

/// All numbers of a FaceMeasures, in a row.
inline constexpr int kMeasures = 18;
std::array<float, kMeasures> measures_list(const FaceMeasures& measures);
FaceMeasures measures_of_list(const std::array<float, kMeasures>& list);

FaceMeasures measure_face(const std::array<FacePoint, kFacePoints>& points, const FaceAxes& axes);

}  // namespace tha4
