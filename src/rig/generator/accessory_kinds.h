#pragma once

#include "accessories.h"

// The functions behind accessories(), by the file that they are in.

namespace tha4 {

// accessory_glasses.cpp
void paint_round_glasses(const AccessoryBrush& brush);
void paint_rectangular_glasses(const AccessoryBrush& brush);
void paint_under_rim_glasses(const AccessoryBrush& brush);

// accessory_ears.cpp
void paint_cat_ears(const AccessoryBrush& brush);
void paint_fox_ears(const AccessoryBrush& brush);
void paint_rabbit_ears(const AccessoryBrush& brush);
void paint_horns(const AccessoryBrush& brush);

// accessory_hats.cpp
void paint_headphone_cups(const AccessoryBrush& brush);
void paint_small_hat(const AccessoryBrush& brush);
void paint_beret(const AccessoryBrush& brush);
void paint_halo(const AccessoryBrush& brush);

// accessory_headwear.cpp
void paint_plain_hood(const AccessoryBrush& brush);
void paint_cat_hood(const AccessoryBrush& brush);
void paint_hood_inside(const AccessoryBrush& brush);
void paint_beanie(const AccessoryBrush& brush);
void paint_cap(const AccessoryBrush& brush);
void paint_straw_hat(const AccessoryBrush& brush);
void paint_witch_hat(const AccessoryBrush& brush);

// accessory_bands.cpp
void paint_hair_band(const AccessoryBrush& brush);
void paint_maid_band(const AccessoryBrush& brush);
void paint_big_ribbon(const AccessoryBrush& brush);
void paint_flower_crown(const AccessoryBrush& brush);

// accessory_pins.cpp
void paint_hairpin(const AccessoryBrush& brush);
void paint_crossed_pins(const AccessoryBrush& brush);
void paint_star_pin(const AccessoryBrush& brush);
void paint_side_ribbon(const AccessoryBrush& brush);
void paint_flower(const AccessoryBrush& brush);

// accessory_neckwear.cpp
void paint_choker(const AccessoryBrush& brush);
void paint_scarf(const AccessoryBrush& brush);
void paint_pendant(const AccessoryBrush& brush);

}  // namespace tha4
