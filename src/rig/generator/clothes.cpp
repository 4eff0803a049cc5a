#include "clothes.h"

#include "clothes_kinds.h"

namespace tha4 {

const std::vector<ClothesStyle>& clothes_styles() {
  static const std::vector<ClothesStyle> styles{
      {"sailor", paint_sailor, paint_sailor_collar},
      {"blazer", paint_blazer, paint_blazer_collar},
      {"cardigan", paint_cardigan, paint_blazer_collar},
      {"idol_jacket", paint_idol_jacket, paint_idol_collar},
      {"hoodie", paint_hoodie, paint_hood_front, paint_hood_behind},
      {"t_shirt", paint_t_shirt},
      {"turtleneck", paint_turtleneck, paint_turtleneck_collar},
      {"overalls", paint_overalls},
      {"dress", paint_dress, paint_round_collar},
      {"kimono", paint_kimono, paint_kimono_collar},
      {"frilled_blouse", paint_frilled_blouse, paint_frilled_collar},
      {"off_shoulder", paint_off_shoulder},
  };
  return styles;
}

}  // namespace tha4
