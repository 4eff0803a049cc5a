#pragma once

#include "tha4/image/rgba_image.h"

namespace tha4::app {

/// A rest image of noise, the same every time: for whatever costs the same whatever the picture.
RgbaImage some_image();

}  // namespace tha4::app
