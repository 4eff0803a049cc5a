#pragma once

#include <c10/core/Device.h>

#include "tha4/data/motion.h"
#include "tha4/data/picture_view.h"

namespace tha4 {

/// \p packed on \p device, in 32 bits; nothing where nothing is known.
Motion unpack(const PackedMotion& packed, c10::Device device);

PackedMotion pack(const Motion& motion);

/// What \p view shows of the motion of whole pictures. Of a halved picture, a pixel whose four pixels are not
/// of one state shows no surface: between surfaces, no flow is right.
Motion seen(const Motion& motion, const PictureView& view);

}  // namespace tha4
