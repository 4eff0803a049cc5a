#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "face_parts.h"
#include "kinds.h"
#include "layers.h"
#include "strip.h"
#include <glm/common.hpp>

namespace tha4::generator {
namespace {

/// What is behind the lids lies deeper than the skin, so that it shifts a little as the head turns.
constexpr float kWhiteLift = -4;
constexpr float kIrisLift = -3;
constexpr float kSmallIris = 0.56F;
constexpr float kTravelX = 6.5F;
constexpr float kTravelY = 5.5F;

struct IrisPlace {
  glm::vec2 center;
  glm::vec2 radii;
};

IrisPlace iris_place(const FaceDesign& face, const EyeShape& eye) {
  const float opening = eye.rise + eye.fall;
  const float size = std::clamp(face.iris_size, 0.85F, 1.12F);
  const float height = std::max(opening * 0.55F, 13.2F - 3.6F * face.maturity) * size;
  const float width = std::min(eye.width * 0.37F, height * 0.92F) * std::sqrt(size);
  const float base = (eye.inner_level + eye.outer_level) / 2;
  // The bottom of the iris touches the lower lid.
  const float bottom = base + eye.fall * 0.99F;
  return {eye.center + glm::vec2(-0.9F, bottom - height), {width, height}};
}

struct EyeWhite {
  std::string_view name;
  float skin = 0;    ///< fraction of the skin's colour in it
  float shadow = 1;  ///< how strong the upper lid's shadow is
};

constexpr auto kEyeWhiteRows = std::to_array<EyeWhite>({
    {.name = "white"},
    {.name = "bright", .shadow = 0.25F},
    // Irises on bare skin.
    {.name = "none", .skin = 1, .shadow = 0},
});
constexpr Kinds<EyeWhite> kEyeWhites{"white of the eye", kEyeWhiteRows};

/// The skin around the eyes.
Color socket_color(const FaceDesign& face) {
  return mix(face.skin, mix(face.skin_shade, face.blush, 0.45F), 0.3F);
}

void add_white(RigBuilder& builder, const CharacterDesign& design, const EyeShape& eye, Side side) {
  const glm::vec2 center = placed(eye.center + glm::vec2(0, (eye.fall - eye.rise) / 2), side);
  // Over the widest opening, with room for the parallax of a turned head.
  const glm::vec2 reach(eye.width / 2 + 6, (eye.rise + eye.fall) / 2 + 9);
  Canvas canvas(center - reach, reach * 2.0F);
  const EyeWhite& kind = kEyeWhites.named(design.face.eye_white);
  const Color skin = socket_color(design.face);
  const Color white = mix(from_hex(0xfdfbfc), skin, kind.skin);
  const Color shade =
      mix(white, mix(mix(from_hex(0xd4d3e6), design.face.skin_shade, 0.25F), skin, kind.skin), kind.shadow);
  canvas.fill(ellipse(center, reach - 1.0F),
              LinearGradient{center - glm::vec2(0, eye.rise),
                             center + glm::vec2(0, eye.fall),
                             {{0, shade}, {0.45F, mix(white, shade, 0.25F)}, {0.8F, white}}});
  add_sheet(builder, canvas, on_head(named("eye_white", side), kLayerEyeWhite, kWhiteLift));
}

/// Moves \p mesh, drawn about \p center, as the iris does: all of it scaled by what iris_small leaves, and
/// shifted by \p fraction of the way that the gaze goes.
void add_iris_morphs(Mesh& mesh, glm::vec2 center, Side side, float smallest, float fraction) {
  add_morph(mesh, named("iris_small", side),
            [&](std::uint32_t, glm::vec2 point) { return (point - center) * (smallest - 1); });
  const auto add_gaze = [&](const char* name, glm::vec2 way) {
    add_morph(mesh, name, [&](std::uint32_t, glm::vec2 point) {
      // Turned aside, a disc is seen a little narrower.
      const glm::vec2 squeeze = -glm::vec2(0.08F, 0.05F) * glm::abs(glm::sign(way)) * (point - center);
      return way * fraction + squeeze * fraction;
    });
  };
  add_gaze("iris_up", {0, -kTravelY});
  add_gaze("iris_down", {0, kTravelY});
  add_gaze("iris_to_left_edge", {-kTravelX, 0});
  add_gaze("iris_to_right_edge", {kTravelX, 0});
}

void add_iris(RigBuilder& builder, const CharacterDesign& design, const IrisPlace& iris, Side side) {
  const glm::vec2 center = placed(iris.center, side);
  Canvas canvas(center - iris.radii - 1.0F, iris.radii * 2.0F + 2.0F, 3);
  paint_iris(canvas, design, side == Side::left ? design.face.iris_left : design.face.iris_right);
  RgbaImage image = canvas.image();
  SheetPlace place = on_head(named("iris", side), kLayerIris, kIrisLift);
  Mesh mesh = make_sheet(canvas, image, 0, place);
  mesh.material = builder.add_painted_material(place.name, std::move(image));
  add_iris_morphs(mesh, center, side, kSmallIris, 1);
  builder.add_mesh(std::move(mesh));
}

/// The upper lid's shadow on what is behind it.
void add_lid_shadow(RigBuilder& builder, const CharacterDesign& design, const EyeShape& eye, Side side) {
  Strip strip;
  strip.place = on_head(named("lid_shadow", side), kLayerIris, -2);
  strip.spine = lids(eye, LidState::rest).upper;
  strip.above = 2;
  strip.below = 8;
  strip.side = side;
  for (const LidState state : lid_states()) {
    strip.forms.push_back({lid_morph(state, side), lids(eye, state).upper, 1});
  }
  add_strip(builder, strip, [&](Canvas& canvas, float length) {
    const Color shadow = mix(from_hex(0x4c4670), design.face.skin_shade, 0.2F);
    const float softness = design.style.shade_softness;
    const Points edge = bezier({0, -1}, {length * 0.22F, 6}, {length * 0.7F, 6.5F}, {length, -1});
    const float strength = 0.42F * kEyeWhites.named(design.face.eye_white).shadow;
    canvas.fill_softly(joined(edge, Points{{length + 4, -6}, {-4, -6}}), with_alpha(shadow, strength),
                       0.7F + 2.5F * softness);
  });
}

/// Where the highlights of one iris are painted. Both eyes are lit from the same side.
struct HighlightBrush {
  Canvas* canvas;
  glm::vec2 center;
  glm::vec2 radii;

  /// The point so many radii from the middle.
  [[nodiscard]] glm::vec2 at(float x, float y) const { return center + radii * glm::vec2(x, y); }
  /// An ellipse, its radii as fractions of the iris'.
  void spot(glm::vec2 middle, glm::vec2 fractions, float degrees, float alpha) const {
    canvas->fill(ellipse(center + radii * middle, radii * fractions, degrees), Color{1, 1, 1, alpha});
  }
};

void paint_single_highlight(const HighlightBrush& brush) {
  brush.spot({-0.36F, -0.34F}, {0.31F, 0.27F}, -18, 1);
}

void paint_double_highlight(const HighlightBrush& brush) {
  brush.spot({-0.38F, -0.38F}, {0.3F, 0.26F}, -20, 1);
  brush.spot({0.38F, 0.44F}, {0.15F, 0.13F}, -20, 0.95F);
}

void paint_triple_highlight(const HighlightBrush& brush) {
  brush.spot({-0.36F, -0.36F}, {0.3F, 0.25F}, -22, 1);
  brush.spot({0.36F, 0.36F}, {0.17F, 0.14F}, -20, 0.95F);
  brush.spot({-0.3F, 0.2F}, {0.09F, 0.08F}, 0, 0.9F);
}

void paint_highlight_band(const HighlightBrush& brush) {
  const Points band = joined(bezier(brush.at(-0.75F, -0.42F), brush.at(-0.4F, -0.66F), brush.at(0.2F, -0.64F),
                                    brush.at(0.5F, -0.5F)),
                             bezier(brush.at(0.42F, -0.24F), brush.at(0.1F, -0.36F), brush.at(-0.4F, -0.36F),
                                    brush.at(-0.66F, -0.16F)));
  brush.canvas->fill(band, Color{1, 1, 1, 0.95F});
  brush.spot({0.34F, 0.46F}, {0.12F, 0.1F}, -20, 0.9F);
}

struct Highlight {
  std::string_view name;
  void (*paint)(const HighlightBrush&);
};

constexpr auto kHighlightRows = std::to_array<Highlight>({
    {"single", paint_single_highlight},
    {"double", paint_double_highlight},
    {"triple", paint_triple_highlight},
    {"band", paint_highlight_band},
});
constexpr Kinds<Highlight> kHighlights{"kind of highlights", kHighlightRows};

void add_highlights(RigBuilder& builder, const CharacterDesign& design, const IrisPlace& iris, Side side) {
  const glm::vec2 center = placed(iris.center, side);
  Canvas canvas(center - iris.radii - 1.0F, iris.radii * 2.0F + 2.0F, 3);
  kHighlights.named(design.face.highlights).paint({&canvas, center, iris.radii});
  RgbaImage image = canvas.image();
  SheetPlace place = on_head(named("highlights", side), kLayerIris, -1);
  Mesh mesh = make_sheet(canvas, image, 0, place);
  mesh.material = builder.add_painted_material(place.name, std::move(image));
  add_iris_morphs(mesh, center, side, 0.66F, lid_kinds().named(design.face.lid_kind).highlight_travel);
  builder.add_mesh(std::move(mesh));
}

}  // namespace

KindNames highlights() {
  return kHighlights.names();
}
KindNames eye_whites() {
  return kEyeWhites.names();
}

void add_eyeballs(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout) {
  const IrisPlace iris = iris_place(design.face, layout.eye);
  for (const Side side : kSides) {
    add_white(builder, design, layout.eye, side);
    add_iris(builder, design, iris, side);
    add_lid_shadow(builder, design, layout.eye, side);
    add_highlights(builder, design, iris, side);
    builder.control_morph(named("eye_surprised", side), named("iris_small", side), 0.3F);
    builder.add_limit({{named("iris_small", side)}, {1}});
  }
  builder.control_morph("iris_rotation_x", "iris_up");
  builder.control_morph("iris_rotation_x", "iris_down", 1, true);
  builder.control_morph("iris_rotation_y", "iris_to_left_edge");
  builder.control_morph("iris_rotation_y", "iris_to_right_edge", 1, true);
}

}  // namespace tha4::generator
