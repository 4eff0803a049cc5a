#pragma once

#include <string>

#include "tha4/image/rgba_image.h"

namespace tha4 {

/// Throws InputError unless \p picture, read from \p file, shows what \p drawn does, the rest image of the
/// rig \p rig: both 512x512. One and the same rig is not drawn alike to the last bit by every OpenGL driver,
/// so that what a few pixels' edges differ by is let pass, and a part of the picture that is of another
/// colour is not.
void check_picture_of_rig(const RgbaImage& picture, const std::string& file, const RgbaImage& drawn,
                          const std::string& rig);

}  // namespace tha4
