#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "airbrush.h"
#include "face_parts.h"
#include "kinds.h"
#include "layers.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

namespace tha4::generator {
namespace {

/// How far the skin's mesh reaches beyond the head's outline, for the line around it.
constexpr float kMargin = 2;

/// The part of the outline that is drawn as a line: around the jaw, from ear to ear.
Points jaw_line(const FaceLayout& layout) {
  Points jaw;
  for (const glm::vec2& point : layout.outline) {
    if (point.y > 112) jaw.push_back(point);
  }
  return jaw;
}

/// The shadow that the fringe throws on the forehead.
Points forehead_shadow(const CharacterDesign& design) {
  const float level = std::clamp(design.hair.fringe_level, 96.0F, 120.0F) - 5;
  const Points edge = smooth_curve(Points{{320, level + 44},
                                          {311, level + 18},
                                          {300, level + 4},
                                          {284, level},
                                          {256, level + 1},
                                          {228, level},
                                          {212, level + 4},
                                          {201, level + 18},
                                          {192, level + 44}});
  return joined(edge, Points{{192, 50}, {320, 50}});
}

struct Blush {
  std::string_view name;
  float aside = 0;  ///< of its middle from the middle of the face
  glm::vec2 radii{0};
  bool has_lines = false;

  [[nodiscard]] constexpr bool is_painted() const { return radii.x > 0; }
};

constexpr auto kBlushRows = std::to_array<Blush>({
    {.name = "none"},
    {.name = "soft", .aside = 34, .radii = {13.5F, 7.5F}},
    {.name = "lines", .aside = 34, .radii = {13.5F, 7.5F}, .has_lines = true},
    {.name = "wide", .aside = 31, .radii = {19, 8}},
});
constexpr Kinds<Blush> kBlushes{"kind of blush", kBlushRows};

void paint_blush(Canvas& canvas, const FaceDesign& face) {
  const Blush& blush = kBlushes.named(face.blush_kind);
  if (!blush.is_painted()) return;
  const float strength = std::clamp(face.blush_strength, 0.0F, 1.0F);
  for (const Side side : kSides) {
    const float x = side == Side::left ? 1.0F : -1.0F;
    const glm::vec2 center(256 + x * blush.aside, 160);
    canvas.fill_all(RadialGradient{center,
                                   blush.radii,
                                   {{0, with_alpha(face.blush, 0.62F * strength)},
                                    {0.45F, with_alpha(face.blush, 0.4F * strength)},
                                    {1, with_alpha(face.blush, 0)}}});
    if (!blush.has_lines) continue;
    for (int i = -1; i <= 1; ++i) {
      const glm::vec2 middle = center + glm::vec2(4.6F * static_cast<float>(i), 0);
      canvas.line(bezier(middle + glm::vec2(1.6F, -3.2F), middle + glm::vec2(0.6F, -1),
                         middle + glm::vec2(-0.6F, 1), middle + glm::vec2(-1.6F, 3.2F)),
                  LineWidth{1.0F, 0.2F, 0.2F}, with_alpha(mix(face.blush, face.skin_line, 0.35F), 0.75F));
    }
  }
}

/// 1 if marks of one side are at the right of the picture, otherwise -1.
float mark_side(const FaceDesign& face) {
  return face.is_mark_left ? 1.0F : -1.0F;
}

Color mole_color(const FaceDesign& face) {
  return mix(face.skin_line, Color{0.15F, 0.08F, 0.08F}, 0.4F);
}

void paint_mole_under_eye(Canvas& canvas, const FaceDesign& face, const FaceLayout& layout) {
  const EyeShape& eye = layout.eye;
  const glm::vec2 at(256 + mark_side(face) * (eye.center.x - 256 + 0.26F * eye.width),
                     eye.center.y + eye.fall + 8);
  canvas.fill(ellipse(at, {1.15F, 1.15F}), mole_color(face));
}

void paint_mole_by_mouth(Canvas& canvas, const FaceDesign& face, const FaceLayout& layout) {
  canvas.fill(ellipse(layout.mouth + glm::vec2(mark_side(face) * 14, 5), {1.1F, 1.1F}), mole_color(face));
}

void paint_freckles(Canvas& canvas, const FaceDesign& face, const FaceLayout& /*layout*/) {
  const Color brown = with_alpha(mix(face.skin_shade, face.skin_line, 0.5F), 0.6F);
  for (const float mirror : {-1.0F, 1.0F}) {
    for (const glm::vec2 at : {glm::vec2(22, 157), {27, 160.5F}, {32, 156.5F}, {37, 160}, {31.5F, 163.5F}}) {
      canvas.fill(ellipse({256 + mirror * at.x, at.y}, {0.75F, 0.75F}), brown);
    }
  }
}

void paint_plaster(Canvas& canvas, const FaceDesign& face, const FaceLayout& /*layout*/) {
  const float x = mark_side(face);
  const glm::vec2 at(256 + x * 35, 164);
  const Points strip = ellipse(at, {8, 3.2F}, x * -12);
  canvas.fill(strip, from_hex(0xf1d3a8));
  canvas.line(joined(strip, Points{strip[0]}), LineWidth{0.7F, 0.7F, 0.7F},
              with_alpha(from_hex(0x9a6b48), 0.8F));
  canvas.fill(ellipse(at, {2.6F, 2.2F}, x * -12), from_hex(0xe3bb8a));
}

struct Mark {
  std::string_view name;
  void (*paint)(Canvas&, const FaceDesign&, const FaceLayout&) = nullptr;
};

constexpr auto kMarkRows = std::to_array<Mark>({
    {"none"},
    {"mole_under_eye", paint_mole_under_eye},
    {"mole_by_mouth", paint_mole_by_mouth},
    {"freckles", paint_freckles},
    {"plaster", paint_plaster},
});
constexpr Kinds<Mark> kMarks{"mark", kMarkRows};

/// A breath of colour around the eyes, so that they lie in the face.
void paint_sockets(Canvas& canvas, const FaceDesign& face, const EyeShape& eye) {
  const Points around = ellipse(eye.center + glm::vec2(2, -1), {eye.width * 0.55F, eye.rise * 0.95F});
  const Color tint = with_alpha(mix(face.skin_shade, face.blush, 0.45F), 0.42F);
  canvas.fill_softly(around, tint, 7);
  canvas.fill_softly(mirrored(around), tint, 7);
}

void paint_skin(Canvas& canvas, const CharacterDesign& design, const FaceLayout& layout) {
  const FaceDesign& face = design.face;
  const DrawingStyle& style = design.style;
  canvas.fill(layout.outline, face.skin);
  canvas.clipped(layout.outline, [&] {
    const float strength = std::clamp(style.shade_strength, 0.4F, 1.2F);
    paint_sockets(canvas, face, layout.eye);
    const Color shade = with_alpha(face.skin_shade, 0.72F * std::min(1.0F, strength));
    canvas.fill_softly(forehead_shadow(design), shade, 0.8F + 7 * style.shade_softness);
    // The turning edge of the cheeks and the chin.
    Points inner = layout.outline;
    for (glm::vec2& point : inner) point = glm::vec2(256, 120) + (point - glm::vec2(256, 120)) * 0.94F;
    Canvas edge = canvas.another();
    const std::vector<Points> rim = {layout.outline, shifted(inner, {-1.5F, -1.5F})};
    edge.fill_loops(rim, with_alpha(face.skin_shade, 0.55F * strength));
    edge.blur(1.2F + 2.5F * style.shade_softness);
    canvas.draw(edge);
  });
  airbrush_face(canvas, design);
  if (const float painted = style.painting.strength;
      painted > 0.3F && kBlushes.named(face.blush_kind).is_painted()) {
    canvas.fill_softly(ellipse({256, 163.5F}, {6.5F, 3.2F}),
                       with_alpha(face.blush, 0.4F * std::min(1.0F, painted)), 4);
  }
  const Color line = mix(face.skin_line, Color{0.12F, 0.06F, 0.08F}, 0.55F * style.line_darkness);
  canvas.line(jaw_line(layout), LineWidth{style.line_width * 1.15F, 0, 0, 0.3F, 0.3F},
              style.outline(line, mix(face.skin, face.skin_shade, 0.6F)));
}

Color nose_line(const FaceDesign& face) {
  return mix(face.skin_line, face.skin_shade, 0.15F);
}

void paint_nose_dot(Canvas& canvas, const CharacterDesign& design) {
  const FaceDesign& face = design.face;
  canvas.fill_softly(ellipse({256.5F, 165}, {3, 1.6F}), with_alpha(face.skin_shade, 0.55F), 1.5F);
  canvas.line(bezier({255.2F, 163.6F}, {255.8F, 164.2F}, {256.6F, 164.2F}, {257.3F, 163.7F}),
              LineWidth{std::max(1.1F, design.style.face_line_width), 0.4F, 0.3F}, nose_line(face));
}

void paint_nose_line(Canvas& canvas, const CharacterDesign& design) {
  const FaceDesign& face = design.face;
  const Color line = nose_line(face);
  const float width = design.style.face_line_width;
  if (face.maturity > 0.45F) {
    // A grown nose has a bridge.
    canvas.fill_softly(Points{{258, 150}, {261.5F, 164}, {255.5F, 165.5F}},
                       with_alpha(face.skin_shade, 0.75F), 1.2F);
    canvas.line(bezier({258, 152}, {258.5F, 155}, {259.2F, 158}, {259.7F, 161}),
                LineWidth{width * 0.55F, 0, 0.1F}, with_alpha(line, 0.55F));
    canvas.line(bezier({253.5F, 164.8F}, {255, 166.2F}, {258, 166.2F}, {259.5F, 164.6F}),
                LineWidth{width * 0.85F, 0.2F, 0.2F}, line);
    return;
  }
  canvas.fill_softly(Points{{257.5F, 158}, {260.5F, 164.5F}, {255.5F, 165.5F}},
                     with_alpha(face.skin_shade, 0.6F), 1.2F);
  canvas.line(bezier({257, 158.5F}, {258.2F, 161}, {259.4F, 163}, {256, 164.6F}),
              LineWidth{width * 0.85F, 0.1F, 0.3F, 0.6F, 0.2F}, line);
}

void paint_nose_shade(Canvas& canvas, const CharacterDesign& design) {
  const FaceDesign& face = design.face;
  canvas.fill_softly(Points{{256, 157.5F}, {259.8F, 164}, {256, 165.6F}, {252.4F, 164.4F}},
                     with_alpha(face.skin_shade, 0.95F), 0.8F + 2 * design.style.shade_softness);
  canvas.fill_softly(ellipse({255.2F, 160.6F}, {1, 2}), with_alpha(light_of(face.skin, 0.8F), 0.8F), 1);
}

struct Nose {
  std::string_view name;
  void (*paint)(Canvas&, const CharacterDesign&) = nullptr;
};

constexpr auto kNoseRows = std::to_array<Nose>({
    {"none"},
    {"dot", paint_nose_dot},
    {"line", paint_nose_line},
    {"shade", paint_nose_shade},
});
constexpr Kinds<Nose> kNoses{"nose", kNoseRows};

/// The loop of a hole: the upper lid outwards, the lower one back.
Points lid_loop(const Lids& lids) {
  Points loop = lids.upper;
  for (std::size_t i = lids.lower.size() - 2; i > 0; --i) loop.push_back(lids.lower[i]);
  return loop;
}

/// Lets one eye's hole follow its lids, with the skin around it.
void add_lid_morphs(Mesh& skin, const EyeShape& shape, Side side, std::size_t first, std::size_t count) {
  std::vector<bool> is_fixed(skin.positions.size(), true);
  // Up to the brow, down to the cheek.
  const glm::vec2 center = shape.center + glm::vec2(1, -1);
  const float above = shape.rise + 17;
  const float below = std::min(shape.fall + 15, 165 - center.y);
  for (std::size_t v = 0; v < skin.positions.size(); ++v) {
    glm::vec2 point(skin.positions[v]);
    if (side == Side::right) point.x = 512 - point.x;
    const glm::vec2 way = point - center;
    const glm::vec2 out = way / glm::vec2(shape.width / 2 + 10, way.y < 0 ? above : below);
    is_fixed[v] = glm::dot(out, out) > 1 || point.x < 257;
  }
  for (std::size_t i = 0; i < count; ++i) is_fixed[first + i] = true;
  const Points at_rest = lid_loop(lids(shape, LidState::rest));
  for (const LidState state : lid_states()) {
    const Points moved = lid_loop(lids(shape, state));
    std::vector<glm::vec2> offsets(skin.positions.size(), glm::vec2(0));
    for (std::size_t i = 0; i < count; ++i) {
      offsets[first + i] = (moved[i] - at_rest[i]) * glm::vec2(side == Side::left ? 1 : -1, 1);
    }
    spread_offsets(skin, is_fixed, offsets);
    add_morph(skin, lid_morph(state, side), [&](std::uint32_t v, glm::vec2) { return offsets[v]; });
  }
}

/// How far the chin goes down with each way to open the mouth.
void add_chin_morphs(Mesh& skin) {
  struct ChinDrop {
    const char* morph;
    float distance;
  };
  for (const ChinDrop chin : {ChinDrop{"mouth_aaa", 2.4F},
                              {"mouth_eee", 1.0F},
                              {"mouth_ooo", 1.6F},
                              {"mouth_delta", 1.0F},
                              {"mouth_uuu", 0.4F},
                              {"mouth_iii", 0.4F}}) {
    add_morph(skin, chin.morph, [chin](std::uint32_t, glm::vec2 point) {
      const float aside = 1 - glm::smoothstep(8.0F, 46.0F, std::abs(point.x - 256));
      return glm::vec2(0, chin.distance * aside * glm::smoothstep(172.0F, 194.0F, point.y));
    });
  }
}

Points skin_rim(const FaceLayout& layout) {
  Points rim;
  Points closed = layout.outline;
  closed.push_back(closed.front());
  Points even = resampled(closed, 120);
  even.pop_back();
  for (std::size_t i = 0; i < even.size(); ++i) {
    const glm::vec2 way = even[(i + 1) % even.size()] - even[(i + even.size() - 1) % even.size()];
    rim.push_back(even[i] + glm::normalize(glm::vec2(way.y, -way.x)) * kMargin);
  }
  return rim;
}

}  // namespace

KindNames blush_kinds() {
  return kBlushes.names();
}
KindNames face_marks() {
  return kMarks.names();
}
KindNames noses() {
  return kNoses.names();
}

void add_skin(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout) {
  Canvas canvas({184, 54}, {144, 150});
  paint_skin(canvas, design, layout);
  const Points left = lid_loop(lids(layout.eye, LidState::rest));
  const std::vector<Points> holes = {left, mirrored(left)};
  SheetPlace place = on_head("skin", kLayerHead, 0);
  place.cell = 6;
  const int material = builder.add_painted_material("skin", canvas.image());
  const Points rim = skin_rim(layout);
  Mesh skin = make_outlined_sheet(canvas, rim, holes, material, place);
  add_lid_morphs(skin, layout.eye, Side::left, rim.size(), left.size());
  add_lid_morphs(skin, layout.eye, Side::right, rim.size() + left.size(), left.size());
  add_chin_morphs(skin);
  builder.add_mesh(std::move(skin));
  for (const Side side : kSides) {
    for (MorphLimit& limit : lid_limits(layout.eye, side)) builder.add_limit(std::move(limit));
  }
}

void add_ears(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout) {
  const FaceDesign& face = design.face;
  const float edge = std::ranges::max(layout.outline, {}, &glm::vec2::x).x;
  Canvas canvas({180, 118}, {152, 50});
  const Points ear = smooth_loop(Points{{edge - 6, 133},
                                        {edge + 2.5F, 130.5F},
                                        {edge + 7.5F, 136},
                                        {edge + 6, 146},
                                        {edge + 1.5F, 154},
                                        {edge - 5, 157},
                                        {edge - 8, 146}});
  const Points hollow = smooth_curve(
      Points{{edge - 2, 136}, {edge + 3.5F, 136.5F}, {edge + 4, 142}, {edge + 0.5F, 146}, {edge - 1, 151}});
  const Points cup =
      smooth_loop(Points{{edge - 4, 138}, {edge + 2.5F, 138}, {edge + 2.5F, 144}, {edge - 3, 151}});
  const Color line = design.style.outline(
      mix(face.skin_line, Color{0.12F, 0.06F, 0.08F}, 0.5F * design.style.line_darkness), face.skin_shade);
  for (const Side side : kSides) {
    const auto here = [side](const Points& points) { return side == Side::left ? points : mirrored(points); };
    canvas.fill(here(ear), mix(face.skin, face.skin_shade, 0.25F));
    canvas.clipped(here(ear), [&] {
      canvas.fill_softly(here(cup), with_alpha(face.skin_shade, 0.9F),
                         0.8F + 2 * design.style.shade_softness);
    });
    Points rim = here(ear);
    rim.push_back(rim.front());
    canvas.stroke(rim, design.style.line_width * 0.85F, line);
    canvas.line(here(hollow), LineWidth{design.style.line_width * 0.8F, 0.2F, 0.2F}, line);
  }
  SheetPlace place = on_head("ears", kLayerEars, 0);
  place.depth = [](glm::vec2) { return 2.0F; };
  add_sheet(builder, canvas, place);
}

void add_cheeks(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout) {
  Canvas canvas({200, 146}, {112, 44});
  canvas.clipped(layout.outline, [&] {
    paint_blush(canvas, design.face);
    if (const Mark& mark = kMarks.named(design.face.mark); mark.paint != nullptr)
      mark.paint(canvas, design.face, layout);
  });
  add_sheet(builder, canvas, on_head("cheeks", kLayerFaceLines, 0.3F));
}

void add_nose(RigBuilder& builder, const CharacterDesign& design) {
  const Nose& nose = kNoses.named(design.face.nose_kind);
  if (nose.paint == nullptr) return;
  Canvas canvas({244, 148}, {24, 24}, 3);
  nose.paint(canvas, design);
  SheetPlace place = on_head("nose", kLayerFaceLines, 9);
  place.cell = 6;
  add_sheet(builder, canvas, place);
}

}  // namespace tha4::generator
