#include "back_hair_kinds.h"

namespace tha4::generator {

const Kinds<HairStyle>& back_hair_styles() {
  static const std::vector<HairStyle> rows = joined_rows({loose_back_hair(), tied_back_hair()});
  static const Kinds<HairStyle> styles{"style of back hair", rows};
  return styles;
}

}  // namespace tha4::generator
