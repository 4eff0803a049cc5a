#include "clothes.h"

#include "clothes_kinds.h"

namespace tha4::generator {

const Kinds<ClothesStyle>& clothes_styles() {
  static const std::vector<ClothesStyle> rows = joined_rows({uniforms(), casual_clothes(), dresses()});
  static const Kinds<ClothesStyle> styles{"kind of clothes", rows};
  return styles;
}

}  // namespace tha4::generator
