#pragma once

#include "hair_brush.h"

namespace tha4::generator {

/// Single hairs that leave the locks that \p brush has painted, \p count of them, as long and as thick as the
/// design says at most. They go where the lock goes, and off to the side of it that is further from the
/// middle of the face; they end within the canvas.
void paint_strays(HairBrush& brush, int count);

/// The same from the outline of the skull, standing off it.
void paint_crown_strays(HairBrush& brush, int count);

}  // namespace tha4::generator
