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

/// Where opening the mouth moves pixels of a usual rest image.
inline constexpr double kUsualMouthX = 256;
inline constexpr double kUsualMouthY = 182;

/// Whether winking, or opening the mouth, moves hardly any pixel.
bool has_still_eyes(const FaceMotion& motion);
bool has_still_mouth(const FaceMotion& motion);

/// Whether both eyes move, but on sides of the mouth that no face has them on: what moves is no face.
bool is_mixed_up(const FaceMotion& motion);

/// How far below the eyes the mouth moves, in pixels; one of the eyes must move.
double eyes_to_mouth(const FaceMotion& motion);

/// How large the head is, as a fraction of that of a usual rest image, by how far apart eyes and mouth are. A
/// picture's style makes it 0.8 to 1.2 where the head is as it should be. 0 where nothing moves as a face
/// does: two eyes side by side, each on its own side of the mouth, which is below them.
double head_size(const FaceMotion& motion);

}  // namespace tha4
