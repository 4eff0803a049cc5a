#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "face_parts.h"
#include "layers.h"
#include "seeded_random.h"
#include "strip.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

namespace tha4::generator {
namespace {

/// The look of the lashes of one character.
struct LashLook {
  float thickness;  ///< of the upper lash where it is thickest
  float length;     ///< of the single lashes beyond it
  int count;        ///< of single lashes
  Color color;
  Color tip_color;  ///< towards the ends, where the line is lit
  LidKind lids;
};

LashLook lash_look(const CharacterDesign& design) {
  const FaceDesign& face = design.face;
  const float weight = std::clamp(0.55F + 0.4F * design.style.face_line_width, 0.8F, 1.35F);
  LashLook look;
  look.thickness = std::clamp(4.8F * face.lash_thickness * weight, 3.2F, 6.6F);
  look.length = 6.6F * face.lash_length * (design.is_masculine ? 0.75F : 1.0F);
  look.count = face.lash_length > 1.1F ? 3 : 2;
  look.color = face.lash;
  look.tip_color = mix(face.lash, face.skin_line, 0.55F);
  look.lids = lid_kinds().named(face.lid_kind);
  return look;
}

LinearGradient along_lash(const LashLook& look, float length) {
  return {{0, 0},
          {length, 0},
          {{0, look.tip_color}, {0.25F, look.color}, {0.8F, look.color}, {1, look.tip_color}}};
}

/// How far below the lash's spine the lid's edge lies, for each point of the spine: the lash fills the corner
/// between them.
std::vector<float> corner_depths(const EyeShape& eye) {
  const Points spine = lash_spine(eye, LidState::rest);
  const Points upper = lids(eye, LidState::rest).upper;
  std::vector<float> depths;
  for (const glm::vec2& point : spine) {
    float min = 1e9F;
    for (const glm::vec2& other : upper) min = std::min(min, glm::length(other - point));
    const float beyond = (point.x - upper.back().x) / (spine.back().x - upper.back().x);
    depths.push_back(min * (1 - glm::smoothstep(-0.1F, 0.8F, beyond)));
  }
  return depths;
}

/// The body of the upper lash: thin at the inner corner, swelling outwards, a pointed end.
void add_upper_lash(RigBuilder& builder, const EyeShape& eye, const LashLook& look, Side side) {
  Strip strip;
  strip.place = on_head(named("upper_lash", side), kLayerEyeLashes, 1);
  strip.spine = lash_spine(eye, LidState::rest);
  strip.above = look.thickness + 1;
  strip.below = 6;
  const std::vector<float> depths = corner_depths(eye);
  strip.side = side;
  for (const LidState state : lid_states()) {
    const bool is_closed = state == LidState::wink || state == LidState::happy_wink;
    strip.forms.push_back(
        {lid_morph(state, side), lash_spine(eye, state), is_closed ? look.lids.closed_lash : 1.0F});
  }
  add_strip(builder, strip, [&](Canvas& canvas, float length) {
    const auto swell = [](float t) {
      const float start = glm::smoothstep(-0.01F, 0.06F, t);
      const float rise = glm::smoothstep(-0.1F, 0.6F, t);
      const float fall = std::clamp((1 - t) / 0.2F, 0.0F, 1.0F);
      return start * (0.14F + 0.86F * rise) * std::pow(fall, 0.75F);
    };
    const auto depth_at = [&](float along) {
      float done = 0;
      for (std::size_t i = 1; i < strip.spine.size(); ++i) {
        const float piece = glm::length(strip.spine[i] - strip.spine[i - 1]);
        if (done + piece >= along)
          return glm::mix(depths[i - 1], depths[i], (along - done) / std::max(piece, 1e-3F));
        done += piece;
      }
      return depths.back();
    };
    Points outline;
    constexpr int kSteps = 60;
    for (int i = 0; i <= kSteps; ++i) {
      const float t = static_cast<float>(i) / kSteps;
      outline.emplace_back(t * length, -look.thickness * swell(t));
    }
    for (int i = kSteps; i >= 0; --i) {
      const float t = static_cast<float>(i) / kSteps;
      const float depth = 0.9F * std::min(1.0F, 4 * swell(t)) + std::min(4.5F, depth_at(t * length));
      outline.emplace_back(t * length, depth);
    }
    canvas.fill(outline, along_lash(look, length));
  });
}

/// The outer half of the lash's spine, which single lashes grow from.
Points tip_spine(const EyeShape& eye, LidState state) {
  constexpr std::ptrdiff_t kFirst = 15;
  const Points spine = lash_spine(eye, state);
  return {spine.begin() + kFirst, spine.end()};
}

/// Single lashes at the outer end; when the eye closes they turn downwards with the lid.
void add_lash_tips(RigBuilder& builder, const CharacterDesign& design, const EyeShape& eye,
                   const LashLook& look, Side side) {
  Strip strip;
  strip.place = on_head(named("lash_tips", side), kLayerEyeLashes, 1.5F);
  strip.spine = tip_spine(eye, LidState::rest);
  strip.above = look.thickness + 0.8F * look.length + 2;
  strip.below = 2;
  strip.side = side;
  for (const LidState state : lid_states()) {
    const float lift = state == LidState::wink ? -0.75F : state == LidState::happy_wink ? 0.7F : 1.0F;
    strip.forms.push_back({lid_morph(state, side), tip_spine(eye, state), lift});
  }
  add_strip(builder, strip, [&](Canvas& canvas, float length) {
    SeededRandom random(design.seed, "lashes");
    for (int i = 0; i < look.count; ++i) {
      const auto place = static_cast<float>(i);
      const float x = length - 11.5F - 5.6F * place + random.jitter(0.6F);
      const float size = look.length * (1 - 0.2F * place) * (1 + random.jitter(0.12F));
      const glm::vec2 from(x - 3.4F, -look.thickness * 0.45F);
      const glm::vec2 tip(x + 0.8F * size, -look.thickness - size * 0.66F);
      const glm::vec2 to = from + glm::vec2(6, 1.2F);
      canvas.fill(
          joined(bezier(from, from + glm::vec2(2.2F, -0.12F * size), tip + glm::vec2(-2.6F, 1.6F), tip),
                 bezier(tip, tip + glm::vec2(-1.2F, 2.8F), to + glm::vec2(-0.4F, -1), to)),
          mix(look.color, look.tip_color, 0.25F));
    }
  });
}

Points crease_spine(const EyeShape& eye, LidState state, const LashLook& look) {
  Points upper = lids(eye, state).upper;
  const Points at_rest = lids(eye, LidState::rest).upper;
  const float distance = look.thickness + 2.3F;
  Points spine;
  // Not at the corners: the fold fades before them.
  for (std::size_t i = 7; i + 3 < upper.size(); ++i) {
    const float along = static_cast<float>(i) / static_cast<float>(upper.size() - 1);
    const bool is_closed = state == LidState::wink || state == LidState::happy_wink;
    const float follow = is_closed ? 0.72F : 0.85F;
    glm::vec2 point = glm::mix(at_rest[i], upper[i], follow);
    point += glm::vec2(1.8F * (along - 0.35F), -distance * (0.75F + 0.25F * std::sin(along * 3.1F)));
    spine.push_back(point);
  }
  return spine;
}

void add_crease(RigBuilder& builder, const CharacterDesign& design, const EyeShape& eye, const LashLook& look,
                Side side) {
  Strip strip;
  strip.place = on_head(named("lid_crease", side), kLayerFaceLines, 0.5F);
  strip.spine = crease_spine(eye, LidState::rest, look);
  strip.above = 1.5F;
  strip.below = 1.5F;
  strip.side = side;
  for (const LidState state : lid_states()) {
    strip.forms.push_back({lid_morph(state, side), crease_spine(eye, state, look), 1});
  }
  add_strip(builder, strip, [&](Canvas& canvas, float length) {
    if (!look.lids.has_fold) return;
    canvas.line(bezier({0, 0}, {length / 3, 0}, {length * 2 / 3, 0}, {length, 0}),
                LineWidth{0.85F * design.style.face_line_width, 0.1F, 0.15F, 0.5F, 0.4F},
                with_alpha(mix(design.face.skin_line, look.color, 0.25F), 0.85F));
  });
}

/// The line of the lower lid: strong at the outer corner, fading inwards, with two or three short lashes. It
/// vanishes into the upper lash as the eye closes.
void add_lower_lash(RigBuilder& builder, const CharacterDesign& design, const EyeShape& eye,
                    const LashLook& look, Side side) {
  Strip strip;
  strip.place = on_head(named("lower_lash", side), kLayerEyeLashes, 0.5F);
  strip.spine = lids(eye, LidState::rest).lower;
  strip.above = 1.5F;
  strip.below = 5;
  strip.side = side;
  for (const LidState state : lid_states()) {
    const bool is_closed = state == LidState::wink || state == LidState::happy_wink;
    strip.forms.push_back({lid_morph(state, side), lids(eye, state).lower, is_closed ? 0.0F : 1.0F});
  }
  add_strip(builder, strip, [&](Canvas& canvas, float length) {
    if (!look.lids.has_lower_line) return;
    const float width = 0.75F * design.style.face_line_width;
    const Color color = mix(look.color, design.face.skin_line, 0.45F);
    const Points path = bezier({0, 0.3F}, {length / 3, 0.3F}, {length * 2 / 3, 0.3F}, {length, 0.3F});
    canvas.line(
        path, [&](float t) { return width * (0.35F + 1.4F * glm::smoothstep(0.45F, 0.97F, t)); },
        LinearGradient{{0, 0},
                       {length, 0},
                       {{0, with_alpha(color, 0.75F)},
                        {0.22F, with_alpha(color, 0.5F)},
                        {0.5F, with_alpha(color, 0.7F)},
                        {0.8F, color},
                        {1, look.color}}});
    if (design.is_masculine && design.face.lash_length < 1.05F) return;
    const int count = design.face.lash_length > 1.1F ? 3 : 2;
    for (int i = 0; i < count; ++i) {
      const float x = length * (0.86F - 0.1F * static_cast<float>(i));
      const float size = (3.4F - 0.8F * static_cast<float>(i)) * design.face.lash_length;
      canvas.line(bezier({x, 0.4F}, {x + 0.5F, 0.4F + size * 0.4F}, {x + 1.2F, 0.4F + size * 0.7F},
                         {x + 2.5F, 0.4F + size}),
                  LineWidth{1.0F * width + 0.25F, 1.0F * width + 0.25F, 0.1F, 0, 0.9F}, color);
    }
  });
}

}  // namespace

void add_eyelids(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout) {
  const LashLook look = lash_look(design);
  for (const Side side : kSides) {
    add_crease(builder, design, layout.eye, look, side);
    add_lower_lash(builder, design, layout.eye, look, side);
    add_lash_tips(builder, design, layout.eye, look, side);
    add_upper_lash(builder, layout.eye, look, side);
  }
}

}  // namespace tha4::generator
