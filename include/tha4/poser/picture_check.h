#pragma once

#include <string>
#include <vector>

#include "tha4/image/rgba_image.h"
#include "tha4/poser/face_motion.h"
#include "tha4/poser/poser.h"

// What is wrong with a picture of which a teacher is to make a character: nothing that must be refused, but
// what the user should know before waiting for a result that cannot be good.

namespace tha4 {

enum class PictureFault {
  hardly_anything,    ///< a few pixels only
  opaque_background,  ///< what is behind the character was not erased
  photograph,         ///< or noise, or strong compression: not the areas of a drawing
  cut_off_at_top,     ///< the character stands on its head, or its head is cut off
  head_misplaced,     ///< the head is not where, or not as large as, a rest image has it
  still_eyes,         ///< winking moves hardly any pixel
  still_mouth         ///< opening the mouth moves hardly any pixel
};

struct PictureFinding {
  PictureFault fault;
  std::string text;  ///< one line: what is wrong, where it was measured, what to do
};

/// What can be seen in a 512x512 picture alone. Where hardly anything is drawn, nothing else is looked at.
/// Throws Error for a picture of another size.
std::vector<PictureFinding> check_picture(const RgbaImage& picture);

/// What a poser's eyes and mouth say about its picture.
std::vector<PictureFinding> check_face_motion(const FaceMotion& motion);

/// Both, of the picture that \p poser poses; its motion is measured only where the picture alone does not say
/// already that its head is elsewhere.
std::vector<PictureFinding> check_picture(const RgbaImage& picture, Poser& poser);

}  // namespace tha4
