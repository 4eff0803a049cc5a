#pragma once

#include <array>

namespace tha4 {

/// Points of MediaPipe's face mesh: 468 of the surface, five of each iris, the one at the picture's left
/// first.
inline constexpr int kFacePoints = 478;

/// A place in a camera's picture.
struct FacePoint {
  float x = 0;  ///< in pixels, to the right
  float y = 0;  ///< in pixels, downwards
  float z = 0;  ///< in pixels, away from the camera, from about the middle of the head on
};

/// A face that was found.
struct FacePoints {
  std::array<FacePoint, kFacePoints> points;
  float presence = 0;  ///< how sure it is that there is a face, 0.5 to 1
};

}  // namespace tha4
