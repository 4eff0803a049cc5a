#pragma once

namespace tha4 {

/// How a head is turned, as seen in the camera's picture, in degrees; the neck's tilt first, then to the
/// side, then up.
struct HeadAngles {
  float pitch = 0;  ///< positive looks up
  float yaw = 0;    ///< positive turns towards the picture's left edge
  float roll = 0;   ///< positive tilts the top of the head towards the picture's left edge
};

}  // namespace tha4
