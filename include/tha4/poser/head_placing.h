#pragma once

#include <functional>
#include <optional>

#include "tha4/image/rest_image.h"
#include "tha4/image/rgba_image.h"
#include "tha4/poser/face_motion.h"

namespace tha4 {

/// Measures what moves in the face of a rest image when a poser poses it.
using FaceMotionMeter = std::function<FaceMotion(const RgbaImage& rest_image)>;

/// Where \p picture, of any size, is to lie so that its head is where, and as large as, rest images have it,
/// as far as \p measure sees eyes and a mouth move. Heads of several sizes are tried below the topmost drawn
/// pixels, and the best of them are corrected by what moves in them: up to 15 measurements. Nothing where no
/// face is found.
std::optional<PicturePlace> place_of_head(const RgbaImage& picture, const FaceMotionMeter& measure);

}  // namespace tha4
