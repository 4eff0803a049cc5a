#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "face_parts.h"
#include "kinds.h"
#include "layers.h"
#include "strip.h"
#include <glm/common.hpp>

namespace tha4::generator {
namespace {

constexpr int kBrowPoints = 17;

/// A brow of the left side at rest, and how thick it is along its length.
struct BrowShape {
  std::string_view name;
  glm::vec2 inner;  ///< from the middle of the eye, at the brow's level
  glm::vec2 outer;
  float arch;
  float peak;  ///< where the arch is highest: 0 at the inner end, 1 at the outer one
  float thickness;
  float (*swell)(float along);  ///< 0 to 1
};

float pointed(float t) {
  return std::sqrt(std::min(1.0F, t / 0.05F)) * std::pow(glm::smoothstep(-0.3F, 0.25F, t), 1.2F) *
         std::pow(std::max(0.0F, 1 - t), 0.55F);
}

float rounded(float t) {
  const float from_end = std::min(t, 1 - t);
  return std::sqrt(std::clamp(from_end / 0.12F, 0.0F, 1.0F) * (2 - std::clamp(from_end / 0.12F, 0.0F, 1.0F)));
}

constexpr auto kBrowShapeRows = std::to_array<BrowShape>({
    {.name = "arched",
     .inner = {-15, 0.8F},
     .outer = {15, 1.2F},
     .arch = 3.4F,
     .peak = 0.6F,
     .thickness = 2.5F,
     .swell = pointed},
    {.name = "straight",
     .inner = {-15, 0.4F},
     .outer = {14, 0.2F},
     .arch = 1.1F,
     .peak = 0.55F,
     .thickness = 2.6F,
     .swell = pointed},
    {.name = "thick",
     .inner = {-14.5F, 1},
     .outer = {14, 0.5F},
     .arch = 2.6F,
     .peak = 0.6F,
     .thickness = 4.4F,
     .swell = pointed},
    {.name = "short",
     .inner = {-11, 0.4F},
     .outer = {1, -0.4F},
     .arch = 1.2F,
     .peak = 0.5F,
     .thickness = 4.2F,
     .swell = rounded},
    {.name = "angled",
     .inner = {-15, 3},
     .outer = {15.5F, -0.6F},
     .arch = 3.4F,
     .peak = 0.72F,
     .thickness = 2.9F,
     .swell = pointed},
});
constexpr Kinds<BrowShape> kBrowShapes{"brow shape", kBrowShapeRows};

/// The brow of the character, where it lies in the picture.
BrowShape placed_brow(const CharacterDesign& design, const FaceLayout& layout) {
  const FaceDesign& face = design.face;
  const float x = layout.eye.center.x - 256;
  const float level = std::clamp(
      layout.eye.center.y - std::max(layout.eye.rise, 16 - 4 * face.maturity) - 8 + face.brow_level, 103.0F,
      113.0F);
  BrowShape shape = kBrowShapes.named(face.brow_shape);
  shape.inner.x += x;
  shape.outer.x += x;
  const float length = std::clamp(face.brow_length, 0.8F, 1.15F);
  const glm::vec2 middle = (shape.inner + shape.outer) / 2.0F;
  for (glm::vec2* end : {&shape.inner, &shape.outer}) {
    end->x = 256 + middle.x + (end->x - middle.x) * length;
    end->y += level;
  }
  shape.thickness *= std::clamp(face.brow_thickness, 0.7F, 1.5F);
  return shape;
}

/// Where a point of the brow goes, by the fraction of its length from the inner end.
struct BrowMove {
  const char* morph;
  std::function<glm::vec2(float)> offset_at;
};

const std::array<BrowMove, 6>& brow_moves() {
  static const std::array<BrowMove, 6> moves = {{
      // Worried: inner ends up, outer ends down, bent upwards near the nose.
      {"eyebrow_troubled",
       [](float t) { return glm::vec2(-0.8F * (1 - t), -5.6F * std::pow(1 - t, 1.5F) + 3.6F * t * t); }},
      {"eyebrow_angry",
       [](float t) { return glm::vec2(-1.6F * (1 - t), 6.2F * std::pow(1 - t, 1.3F) - 2.6F * t * t); }},
      {"eyebrow_lowered", [](float) { return glm::vec2(0, 4.6F); }},
      {"eyebrow_raised", [](float) { return glm::vec2(0, -5.6F); }},
      {"eyebrow_happy", [](float t) { return glm::vec2(0, 1.2F - 5.6F * 4 * t * (1 - t) * 0.95F); }},
      // Flat and drawn together over the eyes.
      {"eyebrow_serious",
       [](float t) { return glm::vec2(-2.6F * (1 - t) - 0.6F * t, 3.4F + 1.6F * 4 * t * (1 - t) * 0.8F); }},
  }};
  return moves;
}

}  // namespace

KindNames brow_shapes() {
  return kBrowShapes.names();
}

void add_brows(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout) {
  const BrowShape shape = placed_brow(design, layout);
  for (const Side side : kSides) {
    Strip strip;
    strip.place = on_head(named("brow", side), kLayerBrows, 3);
    strip.above = shape.thickness / 2 + 1.5F;
    strip.below = strip.above;
    strip.side = side;
    const auto fraction = [](int i) { return static_cast<float>(i) / (kBrowPoints - 1); };
    for (int i = 0; i < kBrowPoints; ++i) {
      const float t = fraction(i);
      const float bow =
          1 - std::pow(std::abs(2 * std::pow(t, std::log(0.5F) / std::log(shape.peak)) - 1), 2.0F);
      const float skew = design.face.brow_skew * (side == Side::right ? 0.5F : -0.5F);
      strip.spine.push_back(glm::mix(shape.inner, shape.outer, t) - glm::vec2(0, shape.arch * bow + skew));
    }
    for (const BrowMove& move : brow_moves()) {
      StripForm form{named(move.morph, side), strip.spine, 1};
      for (int i = 0; i < kBrowPoints; ++i)
        form.spine[static_cast<std::size_t>(i)] += move.offset_at(fraction(i));
      strip.forms.push_back(std::move(form));
    }
    add_strip(builder, strip, [&](Canvas& canvas, float length) {
      const float width = shape.thickness * (0.85F + 0.12F * design.style.face_line_width);
      canvas.line(
          bezier({0.6F, 0}, {length / 3, 0}, {length * 2 / 3, 0}, {length - 0.3F, 0}),
          [&](float t) { return width * shape.swell(t); },
          LinearGradient{{0, 0},
                         {length, 0},
                         {{0, with_alpha(design.face.brow, 0.8F)},
                          {0.4F, with_alpha(design.face.brow, 0.92F)},
                          {1, with_alpha(design.face.brow, 0.85F)}}});
    });
    // All that lowers the brow together stops above the eye; all that raises it, on the forehead.
    builder.add_limit(
        {{named("eyebrow_angry", side), named("eyebrow_lowered", side), named("eyebrow_serious", side)},
         {0.5F, 0.55F, 0.5F}});
    builder.add_limit(
        {{named("eyebrow_troubled", side), named("eyebrow_raised", side), named("eyebrow_happy", side)},
         {0.5F, 0.5F, 0.5F}});
  }
}

}  // namespace tha4::generator
