#pragma once

#include "hair_brush.h"

namespace tha4::generator {

/// Hair that falls from the skull as one curtain.
struct Curtain {
  float end = 200;    ///< y of the tips
  float middle = 76;  ///< half the width half way down
  float width = 74;   ///< the same at the tips
  int locks = 9;
  float lock_width = 26;
  float tip_width = 0;
  float jitter = 8;  ///< of the tips' heights
  float curl = 0;    ///< of the outer tips, pixels outwards (or inwards)
  float wave = 0;    ///< swing of waves in pixels
};

void paint_curtain(HairBrush& brush, const Curtain& curtain);

/// A y this far below the ears, scaled by the length of this character's hair.
float hair_level(const HairBrush& brush, float length);

/// The swing of waves, at most \p max pixels; 0 for hair that is about straight.
float wave_of(const HairBrush& brush, float max);

}  // namespace tha4::generator
