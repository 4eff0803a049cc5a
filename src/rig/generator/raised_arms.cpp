#include "raised_arms.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "airbrush.h"
#include "body.h"
#include "hand_gestures.h"
#include "held_things.h"
#include "layers.h"
#include "sheet.h"
#include "skeleton.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>
#include <glm/trigonometric.hpp>

namespace tha4::generator {
namespace {

/// The hand at the end of the raised arm of \p side.
HandPlace hand_place(const BodyShape& shape, float side) {
  // x outwards; the thumb is at the inner side of a hand that stands, at the upper one of a hand that lies.
  const glm::vec2 way = glm::normalize(shape.gesture->way);
  const glm::vec2 thumb(way.y, -way.x);
  return {shape.wrist(side), {way.x * side, way.y}, {thumb.x * side, thumb.y}};
}

/// Half of the width of a bare forearm, at the fraction \p along from the elbow.
float bare_half_width(float along) {
  return glm::mix(10.6F, 6.8F, std::pow(along, 1.3F));
}

/// The outline of a forearm around its middle line, round at the elbow.
Points forearm_loop(const Points& middle, float end, const std::function<float(float)>& half_width) {
  constexpr int kCount = 20;
  const glm::vec2 elbow = middle.front();
  Points one;
  Points other;
  for (int i = 0; i <= kCount; ++i) {
    const float along = end * static_cast<float>(i) / kCount;
    const glm::vec2 point = point_at(middle, along);
    const glm::vec2 way = glm::normalize(point_at(middle, std::min(1.0F, along + 0.02F)) -
                                         point_at(middle, std::max(0.0F, along - 0.02F)));
    const glm::vec2 side = glm::vec2(-way.y, way.x) * half_width(along);
    one.push_back(point + side);
    other.push_back(point - side);
  }
  const glm::vec2 back = glm::normalize(elbow - middle[1]);
  const glm::vec2 round = back * half_width(0);
  const Points cap =
      smooth_curve(Points{other.front(), elbow + round * 0.75F + (other.front() - elbow) * 0.7F,
                          elbow + round, elbow + round * 0.75F + (one.front() - elbow) * 0.7F, one.front()});
  return joined(joined(one, reversed(other)), cap);
}

void paint_sleeve(ClothesBrush& brush, const SleeveLook& sleeve, const Points& middle, float side) {
  // A sleeve that reaches over half of the arm ends on the forearm.
  const float end = std::clamp((sleeve.reach - 0.5F) * 2, 0.0F, 0.97F);
  if (end <= 0.1F) return;
  const float loose = brush.clothes().sleeve_width * sleeve.width;
  const auto half_width = [&](float along) { return glm::mix(12.3F, 11.2F, along) * loose; };
  const Points loop = forearm_loop(middle, end, half_width);
  brush.panel(loop, sleeve.color, side > 0 ? 6.0F : 4.0F, sleeve.has_pattern);
  brush.canvas().clipped(loop, [&] {
    const auto across = [&](float along, float fraction) {
      const glm::vec2 way = glm::normalize(middle.back() - middle.front());
      return point_at(middle, along) + glm::vec2(-way.y, way.x) * (half_width(along) * fraction);
    };
    brush.fold({across(0.05F, 1.1F), across(0.14F, 0.3F), across(0.12F, -0.5F)}, sleeve.color, 4);
    brush.fold({across(0.02F, -1), across(0.2F, -0.5F), across(0.3F, 0.2F)}, sleeve.color, 3.5F);
    brush.fold({across(end * 0.7F, 1.1F), across(end * 0.62F, 0.2F), across(end * 0.66F, -0.5F)},
               sleeve.color, 3);
  });
  if (sleeve.cuff <= 0) return;
  const float from = std::max(0.0F, end - sleeve.cuff / length_of(middle));
  Points one;
  Points other;
  for (const float along : {from, (from + end) / 2, end}) {
    const glm::vec2 way = glm::normalize(middle.back() - middle.front());
    const glm::vec2 out = glm::vec2(-way.y, way.x) * (half_width(along) + 0.8F);
    one.push_back(point_at(middle, along) + out);
    other.push_back(point_at(middle, along) - out);
  }
  brush.panel(joined(one, reversed(other)), sleeve.cuff_color, 3);
}

void paint_bare_forearm(Canvas& canvas, const CharacterDesign& design, const Points& middle) {
  const FaceDesign& face = design.face;
  const Points loop = forearm_loop(middle, 1, bare_half_width);
  const float width = design.style.line_width;
  canvas.fill(loop, face.skin);
  canvas.clipped(loop, [&] {
    canvas.fill_loops(std::vector<Points>{loop, shifted(loop, {-4.5F, -2.5F})}, face.skin_shade);
  });
  canvas.line(closed(loop), LineWidth{width, width * 0.7F, width * 0.7F},
              design.style.outline(face.skin_line, face.skin_shade));
}

/// What the forearms keep the light from.
void paint_cast_shadow(Canvas& canvas, const CharacterDesign& design, const BodyShape& shape,
                       const Points& middle) {
  const Points loop = shifted(forearm_loop(middle, 1, [](float) { return 11.0F; }), {1.5F, 8});
  const Color dark = with_alpha(design.style.painting.shade, 0.4F);
  canvas.clipped(shape.torso(400, -3), [&] {
    canvas.fill_softly(loop, mix(dark, Color{0.2F, 0.15F, 0.25F, 0.4F}, 0.5F),
                       2 + 5 * design.style.shade_softness);
  });
}

}  // namespace

void add_raised_arms(RigBuilder& builder, const CharacterDesign& design,
                     const std::optional<SleeveLook>& sleeve) {
  const BodyShape shape(design.body);
  std::vector<float> sides;
  for (const float side : {-1.0F, 1.0F}) {
    if (shape.is_raised(side)) sides.push_back(side);
  }
  if (sides.empty()) return;
  Canvas canvas({118, 96}, {276, 260});
  SeededRandom random(design.seed, "raised arms");
  ClothesBrush clothes(canvas, design, random);
  const HandBrush hands(canvas, design);
  const HandShape hand = shape.gesture->hand;
  const auto middle_of = [&](float side) {
    const glm::vec2 elbow = shape.elbow(side);
    const glm::vec2 wrist = shape.wrist(side);
    return resampled(
        smooth_curve(Points{elbow, glm::mix(elbow, wrist, 0.5F) + glm::vec2(side * 1.5F, 1), wrist}), 24);
  };
  for (const float side : sides) paint_cast_shadow(canvas, design, shape, middle_of(side));
  for (const float side : sides) {
    paint_bare_forearm(canvas, design, middle_of(side));
    hands.palm(hand_place(shape, side), hand);
  }
  if (!shape.arms.held.empty()) {
    const HeldThing& thing = held_things().named(shape.arms.held);
    const float side = sides.size() > 1 && shape.arms.is_left ? 1.0F : sides.front();
    const bool is_in_both = sides.size() > 1;
    // Two hands hold upright what does not reach into the face.
    const float lean = glm::radians(is_in_both && thing.lean < 20 ? 0.0F : thing.lean);
    const glm::vec2 grip = is_in_both ? (hand_place(shape, -1).grip() + hand_place(shape, 1).grip()) * 0.5F
                                      : hand_place(shape, side).grip();
    thing.paint(HeldBrush(canvas, design, grip, {side * std::sin(lean), -std::cos(lean)}, -side));
  }
  for (const float side : sides) {
    hands.fingers(hand_place(shape, side), hand);
    if (sleeve) paint_sleeve(clothes, *sleeve, middle_of(side), side);
  }
  const Color shade = mix(skin_shade_factor(design), design.style.painting.shade, 0.5F);
  airbrush(canvas, design, "raised arms", {}, shade);
  add_sheet(builder, canvas,
            {"raised arms", kLayerRaisedArms,
             [shape, sides](glm::vec2 point) {
               float distance = 1e6F;
               for (const float side : sides)
                 distance = std::min(distance, glm::distance(point, shape.elbow(side)));
               return glm::mix(body_depth(point) + 4, 44.0F, glm::smoothstep(10.0F, 62.0F, distance));
             },
             torso_weights, 8});
}

}  // namespace tha4::generator
