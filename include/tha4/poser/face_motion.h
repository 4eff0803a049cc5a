#pragma once

#include "tha4/poser/poser.h"

namespace tha4 {

/// Where pictures of one character differ: pixels of the face crop, and the mean place of them, in pixels of
/// the rest image; 0 where there are none.
struct MovedPixels {
  int count = 0;
  double x = 0;
  double y = 0;
};

/// What moves in the face of a character when it winks and opens its mouth: where its eyes and its mouth are,
/// as its poser sees it.
struct FaceMotion {
  MovedPixels left_eye;  ///< the character's own left: to the right in the picture
  MovedPixels right_eye;
  MovedPixels mouth;
};

/// Measures it, by face crops of four poses.
FaceMotion measure_face_motion(Poser& poser);

}  // namespace tha4
