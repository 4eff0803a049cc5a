#include "back_hair_kinds.h"
#include "hair.h"

namespace tha4 {

const std::vector<HairStyle>& back_hair_styles() {
  static const std::vector<HairStyle> styles{
      {"bob", paint_bob},
      {"flipped_bob", paint_flipped_bob},
      {"short", paint_short_back},
      {"wolf", paint_wolf},
      {"long", paint_long_straight},
      {"hime", paint_hime_back},
      {"wavy", paint_wavy},
      {"twin_tails", paint_twin_tails},
      {"low_twin_tails", paint_low_twin_tails, paint_low_twin_tails_front},
      {"ponytail", paint_ponytail},
      {"side_ponytail", paint_side_ponytail, paint_side_ponytail_front},
      {"buns", paint_buns},
      {"drills", paint_drills},
      {"braids", paint_braids, paint_braids_front},
  };
  return styles;
}

}  // namespace tha4
