#pragma once

#include "clothes.h"

// The functions behind clothes_styles(), by the file that they are in.

namespace tha4 {

// clothes_uniforms.cpp
void paint_sailor(ClothesBrush& brush);
void paint_sailor_collar(ClothesBrush& brush);
void paint_blazer(ClothesBrush& brush);
void paint_blazer_collar(ClothesBrush& brush);
void paint_cardigan(ClothesBrush& brush);
void paint_idol_jacket(ClothesBrush& brush);
void paint_idol_collar(ClothesBrush& brush);

// clothes_casual.cpp
void paint_hoodie(ClothesBrush& brush);
void paint_hood_front(ClothesBrush& brush);
void paint_hood_behind(ClothesBrush& brush);
void paint_t_shirt(ClothesBrush& brush);
void paint_turtleneck(ClothesBrush& brush);
void paint_turtleneck_collar(ClothesBrush& brush);
void paint_overalls(ClothesBrush& brush);

// clothes_dresses.cpp
void paint_dress(ClothesBrush& brush);
void paint_round_collar(ClothesBrush& brush);
void paint_kimono(ClothesBrush& brush);
void paint_kimono_collar(ClothesBrush& brush);
void paint_frilled_blouse(ClothesBrush& brush);
void paint_frilled_collar(ClothesBrush& brush);
void paint_off_shoulder(ClothesBrush& brush);

}  // namespace tha4
