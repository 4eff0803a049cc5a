#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "face_parts.h"
#include "kinds.h"
#include "layers.h"
#include "mouth_shape.h"
#include "strip.h"
#include <glm/common.hpp>

namespace tha4::generator {
namespace {

/// All forms of one mouth; the parts of the mouth are made from some rows of each.
struct Mouth {
  MouthForm rest;               ///< closed
  std::vector<MouthForm> open;  ///< by parameters, and in the rest image alone
  const FaceDesign* face;
  const DrawingStyle* style;
};

using Row = std::function<Points(const MouthForm&)>;

float along_of(const Points& row, std::size_t i) {
  return (row[i].x - row.front().x) / (row.back().x - row.front().x);
}

Points with_corner_moved(const Points& row, const CornerMove& move) {
  Points moved = row;
  for (std::size_t i = 0; i < row.size(); ++i) moved[i] += move.offset(along_of(row, i));
  return moved;
}

void add_mouth_band(RigBuilder& builder, const Mouth& mouth, const SheetPlace& place, const Row& upper,
                    const Row& lower, const std::function<void(Canvas&)>& paint) {
  Band band;
  band.place = place;
  band.upper = upper(mouth.rest);
  band.lower = lower(mouth.rest);
  for (const MouthForm& form : mouth.open) band.forms.push_back({form.morph, upper(form), lower(form)});
  for (const CornerMove& move : corner_moves()) {
    band.forms.push_back(
        {move.morph, with_corner_moved(band.upper, move), with_corner_moved(band.lower, move)});
  }
  add_band(builder, band, paint);
}

/// A line along one row; where the mouth is closed its thickness is the fraction \p closed of the open one's.
void add_lip_line(RigBuilder& builder, const Mouth& mouth, const std::string& name, const Row& row,
                  bool is_upper, const std::function<void(Canvas&, float)>& paint) {
  Strip strip;
  strip.place = on_head(name, kLayerFaceLines, 3.5F);
  strip.above = 2;
  strip.below = 2;
  // The texture is made for the closed mouth; open ones stretch it.
  strip.spine = row(mouth.rest);
  for (const MouthForm& form : mouth.open) {
    strip.forms.push_back({form.morph, row(form), is_upper ? 0.85F : 1.0F});
  }
  for (const CornerMove& move : corner_moves()) {
    strip.forms.push_back({move.morph, with_corner_moved(strip.spine, move), 1});
  }
  add_strip(builder, strip, paint);
}

Points upper_of(const MouthForm& form) {
  return form.upper;
}
Points lower_of(const MouthForm& form) {
  return form.lower;
}

/// What is seen in an open mouth.
struct MouthInside {
  std::string_view name;
  std::uint32_t color;     ///< of the hollow; a quarter of it is the colour of the skin's lines
  float depth = 0.45F;     ///< how much darker it is under the upper lip
  bool has_tongue = true;  ///< and teeth
};

constexpr auto kMouthInsideRows = std::to_array<MouthInside>({
    {.name = "tongue_and_teeth", .color = 0x8c2f3c},
    {.name = "dark", .color = 0x1c0d12, .depth = 0.2F, .has_tongue = false},
    {.name = "red", .color = 0xb4424a, .depth = 0, .has_tongue = false},
});
constexpr Kinds<MouthInside> kMouthInsides{"inside of the mouth", kMouthInsideRows};

void add_inside(RigBuilder& builder, const Mouth& mouth) {
  const MouthInside& kind = kMouthInsides.named(mouth.face->mouth_inside);
  const Color inside = mix(from_hex(kind.color), mouth.face->skin_line, 0.25F);
  const Color deep = shade_of(inside, kind.depth);
  add_mouth_band(
      builder, mouth, on_head("mouth_inside", kLayerFaceLines, 2), upper_of, lower_of, [&](Canvas& canvas) {
        canvas.fill_all(LinearGradient{{0, 0}, {0, 32}, {{0, deep}, {0.35F, inside}, {1, inside}}});
      });
  if (!kind.has_tongue) return;
  const Color tongue = mix(from_hex(0xec7f83), mouth.face->blush, 0.25F);
  add_mouth_band(
      builder, mouth, on_head("tongue", kLayerFaceLines, 2.5F),
      [](const MouthForm& form) { return form.tongue; }, lower_of,
      [&](Canvas& canvas) {
        canvas.fill_all(LinearGradient{{0, 0}, {0, 32}, {{0, shade_of(tongue, 0.12F)}, {0.4F, tongue}}});
      });
  add_mouth_band(
      builder, mouth, on_head("teeth", kLayerFaceLines, 3), upper_of,
      [](const MouthForm& form) { return form.teeth; },
      [&](Canvas& canvas) {
        canvas.fill_all(
            LinearGradient{{0, 0}, {0, 32}, {{0, from_hex(0xd9cbd4)}, {0.35F, from_hex(0xfdf8f6)}}});
      });
}

/// A small pointed tooth on the character's left, under the upper lip.
void add_fang(RigBuilder& builder, const Mouth& mouth) {
  const auto edge = [](const MouthForm& form, bool is_tip) {
    const std::size_t at = form.upper.size() * 7 / 10;
    const glm::vec2 from = form.upper[at - 2];
    const glm::vec2 to = form.upper[at + 2];
    const float reach = std::min(3.6F, (form.lower[at].y - form.upper[at].y) * 0.75F);
    const glm::vec2 tip = (from + to) / 2.0F + glm::vec2(0, std::max(reach, 0.0F));
    return is_tip ? Points{from, tip, to} : Points{from, (from + to) / 2.0F, to};
  };
  add_mouth_band(
      builder, mouth, on_head("fang", kLayerFaceLines, 3.2F),
      [edge](const MouthForm& form) { return edge(form, false); },
      [edge](const MouthForm& form) { return edge(form, true); },
      [](Canvas& canvas) { canvas.fill_all(from_hex(0xfffafa)); });
}

void add_lips(RigBuilder& builder, const Mouth& mouth) {
  const FaceDesign& face = *mouth.face;
  const DrawingStyle& style = *mouth.style;
  const Color line = mix(face.skin_line, Color{0.2F, 0.05F, 0.08F}, 0.3F + 0.35F * style.line_darkness);
  const float width = style.face_line_width;
  add_lip_line(builder, mouth, "lower_lip_line", lower_of, false, [&](Canvas& canvas, float length) {
    canvas.line(bezier({0, 0}, {length / 3, 0}, {length * 2 / 3, 0}, {length, 0}),
                LineWidth{width * 0.75F, 0.1F, 0.1F, 0.3F, 0.3F}, line);
  });
  add_lip_line(builder, mouth, "upper_lip_line", upper_of, true, [&](Canvas& canvas, float length) {
    canvas.line(
        bezier({0, 0}, {length / 3, 0}, {length * 2 / 3, 0}, {length, 0}),
        [&](float t) {
          // Heavier near the corners and in the middle, as a brush would leave it.
          const float ends = glm::smoothstep(-0.02F, 0.16F, std::min(t, 1 - t));
          const float corner = glm::smoothstep(0.3F, 0.05F, std::min(t, 1 - t));
          return width * ends * (0.95F + 0.2F * corner);
        },
        line);
  });
  // The shade under the lower lip, which says that there is one.
  Strip shade;
  shade.place = on_head("lip_shade", kLayerFaceLines, 1);
  const auto row = [](const Points& lower) {
    const Points middle(lower.begin() + 11, lower.end() - 11);
    return shifted(middle, {0, 4.4F});
  };
  shade.spine = row(mouth.rest.lower);
  for (const MouthForm& form : mouth.open) {
    Points narrow = row(form.lower);
    for (glm::vec2& point : narrow) point.y -= 1.6F;
    shade.forms.push_back({form.morph, std::move(narrow), 0.8F});
  }
  for (const CornerMove& move : corner_moves()) {
    if (!move.moves_middle) continue;
    shade.forms.push_back({move.morph, row(with_corner_moved(mouth.rest.lower, move)), 1});
  }
  add_strip(builder, shade, [&](Canvas& canvas, float length) {
    canvas.line(bezier({0, 0}, {length / 3, 0.6F}, {length * 2 / 3, 0.6F}, {length, 0}),
                LineWidth{1.5F, 0.2F, 0.2F, 0.5F, 0.5F}, with_alpha(face.skin_shade, 0.85F));
  });
}

}  // namespace

KindNames mouth_insides() {
  return kMouthInsides.names();
}

void add_mouth(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout) {
  Mouth mouth{closed_mouth(design.face, layout.mouth), open_mouths(design.face, layout.mouth), &design.face,
              &design.style};
  if (std::optional<MouthForm> pictured = pictured_mouth(design.face, layout.mouth)) {
    builder.show_in_picture(pictured->morph);
    mouth.open.push_back(std::move(*pictured));
  }
  add_inside(builder, mouth);
  if (design.face.has_fang) add_fang(builder, mouth);
  add_lips(builder, mouth);
  MorphLimit limit;
  for (const MouthForm& form : mouth.open) {
    limit.morphs.push_back(form.morph);
    limit.amounts.push_back(1);
  }
  builder.add_limit(std::move(limit));
}

}  // namespace tha4::generator
