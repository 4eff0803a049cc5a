#pragma once

#include "hair_brush.h"

// The functions behind back_hair_styles(), by the file that they are in.

namespace tha4 {

// back_hair_loose.cpp
void paint_bob(HairBrush& brush);
void paint_flipped_bob(HairBrush& brush);
void paint_short_back(HairBrush& brush);
void paint_wolf(HairBrush& brush);
void paint_long_straight(HairBrush& brush);
void paint_hime_back(HairBrush& brush);
void paint_wavy(HairBrush& brush);
void paint_buns(HairBrush& brush);

// back_hair_tails.cpp
void paint_twin_tails(HairBrush& brush);
void paint_ponytail(HairBrush& brush);
void paint_side_ponytail(HairBrush& brush);
void paint_side_ponytail_front(HairBrush& brush);
void paint_low_twin_tails_front(HairBrush& brush);
void paint_low_twin_tails(HairBrush& brush);
void paint_drills(HairBrush& brush);
void paint_braids(HairBrush& brush);
void paint_braids_front(HairBrush& brush);

}  // namespace tha4
