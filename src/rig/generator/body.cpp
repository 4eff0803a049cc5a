#include "body.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "airbrush.h"
#include "clothes.h"
#include "layers.h"
#include "raised_arms.h"
#include "sheet.h"
#include "skeleton.h"
#include <glm/common.hpp>

namespace tha4::generator {
namespace {

Color skin_line(const CharacterDesign& design) {
  return design.style.outline(design.face.skin_line, design.face.skin_shade);
}

constexpr float kBottom = 548;  // below the frame, so that no end shows when the body turns

/// A limb of changing width around its middle line.
Points limb(const Points& middle, float start, float between, float end) {
  Points there;
  Points back;
  const Points even = resampled(middle, 24);
  for (std::size_t i = 0; i < even.size(); ++i) {
    const glm::vec2 way = even[std::min(i + 1, even.size() - 1)] - even[i == 0 ? 0 : i - 1];
    const glm::vec2 side = glm::vec2(-way.y, way.x) / std::max(0.01F, std::hypot(way.x, way.y));
    const float along = static_cast<float>(i) / static_cast<float>(even.size() - 1);
    const float half =
        along < 0.5F ? glm::mix(start, between, along * 2) : glm::mix(between, end, along * 2 - 1);
    there.push_back(even[i] + side * half);
    back.push_back(even[i] - side * half);
  }
  return joined(there, reversed(back));
}

void paint_hand(Canvas& canvas, const CharacterDesign& design, const BodyShape& shape, float side) {
  const float x = shape.hand_x;
  const auto point = [&](float dx, float y) { return beside(side, x + dx, y); };
  // From the wrist, whose end melts into the arm, around the fingers and back.
  const Points edge = smooth_curve(Points{
      point(-6.8F, 397), point(-7.6F, 405), point(-10, 412), point(-11, 421), point(-8.5F, 432),
      point(-5, 441), point(0, 444), point(4.5F, 439), point(7.6F, 424), point(8, 412), point(6.8F, 397)});
  const float width = design.style.line_width;
  canvas.fill(edge, design.face.skin);
  canvas.clipped(edge, [&] {
    // The arm's shadow goes on, on the same side of the picture.
    canvas.fill_loops(std::vector<Points>{edge, shifted(edge, {side > 0 ? -6.3F : -4.9F, -1})},
                      design.face.skin_shade);
  });
  canvas.line(edge, LineWidth{width * 0.9F, 0.4F, 0.4F}, skin_line(design));
  for (const float finger : {-3.0F, 0.8F, 4.2F}) {
    canvas.line(
        smooth_curve(Points{point(finger + 0.6F, 424), point(finger - 0.4F, 432), point(finger - 1.8F, 440)}),
        LineWidth{width * 0.65F, 0.1F, 0.3F}, with_alpha(skin_line(design), 0.7F));
  }
  canvas.line(smooth_curve(Points{point(-9, 411), point(-10.5F, 420), point(-7, 428), point(-5, 421)}),
              LineWidth{width * 0.8F, 0, 0}, skin_line(design));
}

void paint_neck(Canvas& canvas, const CharacterDesign& design, const BodyShape& shape) {
  const float n = shape.neck;
  const float width = design.style.line_width;
  // The chin's shadow.
  const Points shadow = smooth_loop(
      Points{beside(-1, n + 4, 170), beside(-1, n + 1, 199), beside(-1, n * 0.5F, 207), beside(1, 3, 211),
             beside(1, n * 0.7F, 208), beside(1, n + 2, 204), beside(1, n + 4, 170)});
  const Points neck{beside(-1, n + 1, 165), beside(1, n + 1, 165), beside(1, n + 1, 214),
                    beside(-1, n + 1, 214)};
  canvas.clipped(neck, [&] {
    canvas.fill(shadow, design.face.skin_shade);
    if (design.style.shade_softness > 0.3F)
      canvas.fill_softly(shifted(shadow, {0, 5}), with_alpha(design.face.skin_shade, 0.5F), 5);
  });
  for (const float side : {-1.0F, 1.0F}) {
    canvas.line(smooth_curve(Points{beside(side, n + 0.5F, 178), beside(side, n, 198),
                                    beside(side, n + 3, 212), beside(side, n + 14, 221)}),
                LineWidth{width, width * 0.5F, 0}, skin_line(design));
    canvas.line(smooth_curve(Points{beside(side, 5, 228), beside(side, 16, 226), beside(side, 32, 222)}),
                LineWidth{width * 0.8F, 0, 0}, with_alpha(skin_line(design), 0.7F));
    canvas.line(smooth_curve(Points{beside(side, 8, 208), beside(side, 5, 218), beside(side, 3, 226)}),
                LineWidth{width * 0.5F, 0, 0}, with_alpha(skin_line(design), 0.35F));
  }
}

void paint_skin(Canvas& canvas, const CharacterDesign& design) {
  const BodyShape shape(design.body);
  const FaceDesign& face = design.face;
  const float width = design.style.line_width;
  for (const float side : {-1.0F, 1.0F}) {
    const Points leg =
        smooth_loop(Points{beside(side, 2, 440), beside(side, 1.5F, 500), beside(side, 5, kBottom),
                           beside(side, shape.hip - 6, kBottom), beside(side, shape.hip, 490),
                           beside(side, shape.hip, 430), beside(side, 30, 400)});
    canvas.fill(leg, face.skin);
    canvas.clipped(leg, [&] {
      canvas.fill(smooth_loop(Points{beside(side, 0, 420), beside(side, 14, 470), beside(side, 12, kBottom),
                                     beside(side, -5, kBottom)}),
                  face.skin_shade);
    });
    canvas.line(joined(leg, Points{leg.front()}), LineWidth{width, width, width}, skin_line(design));
  }
  const Points torso = shape.torso(430);
  canvas.fill(torso, face.skin);
  const Points neck{beside(-1, shape.neck, 160), beside(1, shape.neck, 160), beside(1, shape.neck + 2, 216),
                    beside(-1, shape.neck + 2, 216)};
  canvas.fill(neck, face.skin);
  paint_neck(canvas, design, shape);
  for (const float side : {-1.0F, 1.0F}) {
    const bool is_raised = shape.is_raised(side);
    const Points arm =
        is_raised ? limb(shape.arm(side), 14, 12.5F, 10.6F) : limb(shape.arm(side), 14, 10.5F, 7);
    canvas.fill(arm, face.skin);
    canvas.clipped(arm, [&] {
      const float shade_side = side > 0 ? 9.0F : 7.0F;
      canvas.fill_loops(std::vector<Points>{arm, shifted(arm, {-shade_side * 0.7F, -1})}, face.skin_shade);
      canvas.fill(ellipse(beside(side, shape.shoulder - 4, 233), {17, 16}), face.skin);
    });
    canvas.line(Points(arm.begin() + 3, arm.begin() + 24), LineWidth{width, 0, width * 0.6F},
                skin_line(design));
    canvas.line(Points(arm.begin() + 24, arm.end() - 3), LineWidth{width, width * 0.6F, 0},
                skin_line(design));
    if (!is_raised) paint_hand(canvas, design, shape, side);
  }
}

/// Returns the sleeves that were painted, if any.
std::optional<SleeveLook> add_clothes_sheet(RigBuilder& builder, const CharacterDesign& design,
                                            void (*paint)(ClothesBrush&), const char* name, int layer,
                                            float forward) {
  if (paint == nullptr) return std::nullopt;
  SeededRandom random(design.seed, name);
  Canvas canvas({120, 150}, {272, kBottom - 150});
  ClothesBrush brush(canvas, design, random);
  paint(brush);
  airbrush_body(canvas, design, name, design.style.painting.shade);
  add_sheet(
      builder, canvas,
      {name, layer, [forward](glm::vec2 point) { return body_depth(point) + forward; }, body_weights, 10});
  return brush.sleeve();
}

}  // namespace

BodyShape::BodyShape(const BodyDesign& body)
    : neck(14.5F * body.neck_width),
      shoulder(64 * body.shoulder_width),
      armpit(51 * body.shoulder_width),
      waist(43 * body.waist),
      hip(52 * (0.5F + 0.5F * body.waist)),
      hand_x(75 * body.shoulder_width + body.arm_spread),
      bust(body.bust),
      arms(body.arms),
      gesture(&arm_gestures().named(body.arms.gesture)) {}

Points BodyShape::torso_side(float side, float end, float ease) const {
  const float e = ease;
  Points through{beside(side, neck + 1, 205),
                 beside(side, neck + 6 + e * 0.5F, 215 - e * 0.5F),
                 beside(side, neck + 18, 222 - e * 0.7F),
                 beside(side, shoulder - 14, 228 - e),
                 beside(side, shoulder - 2, 236 - e * 0.5F),
                 beside(side, shoulder, 248),
                 beside(side, armpit + 2 + e, 272),
                 beside(side, armpit - 1 + bust * 2 + e, 292),
                 beside(side, glm::mix(armpit, waist, 0.7F) + e, 315),
                 beside(side, waist + e, 340),
                 beside(side, glm::mix(waist, hip, 0.55F) + e, 370),
                 beside(side, hip + e, 402),
                 beside(side, hip + 2 + e, 450),
                 beside(side, hip + e, kBottom)};
  Points curve = smooth_curve(through);
  const auto below = std::ranges::find_if(curve, [end](glm::vec2 point) { return point.y > end; });
  curve.erase(below, curve.end());
  return curve;
}

Points BodyShape::torso(float end, float ease) const {
  const Points right = torso_side(1, end, ease);
  const Points left = torso_side(-1, end, ease);
  Points hem = smooth_curve(Points{right.back(), beside(1, 0, right.back().y + 4), left.back()});
  return joined(joined(right, hem), reversed(left));
}

bool BodyShape::is_raised(float side) const {
  return gesture->raised == 2 || (gesture->raised == 1 && (side > 0) == arms.is_left);
}

glm::vec2 BodyShape::arm_point(float side, const ArmPoint& point) const {
  return beside(side, point.is_from_shoulder ? shoulder + point.x : point.x, point.y);
}

glm::vec2 BodyShape::elbow(float side) const {
  return arm_point(side, gesture->elbow);
}

glm::vec2 BodyShape::wrist(float side) const {
  return arm_point(side, gesture->wrist);
}

Points BodyShape::arm(float side) const {
  if (is_raised(side)) {
    return smooth_curve(Points{beside(side, shoulder - 13, 243), beside(side, shoulder - 4, 262),
                               glm::mix(beside(side, shoulder - 2, 280), elbow(side), 0.5F), elbow(side)});
  }
  return smooth_curve(Points{beside(side, shoulder - 13, 243), beside(side, shoulder - 4, 262),
                             beside(side, glm::mix(shoulder, hand_x, 0.55F), 325),
                             beside(side, hand_x, 402)});
}

void add_body(RigBuilder& builder, const CharacterDesign& design) {
  Canvas skin({120, 150}, {272, kBottom - 150});
  paint_skin(skin, design);
  airbrush_body(skin, design, "body", skin_shade_factor(design));
  add_sheet(builder, skin, {"body", kLayerBody, body_depth, body_weights, 10});

  const ClothesStyle& style = clothes_styles().named(design.clothes.kind);
  add_clothes_sheet(builder, design, style.paint_behind, "hood", kLayerBackAccessory, -34);
  const auto sleeve = add_clothes_sheet(builder, design, style.paint, "clothes", kLayerClothes, 3);
  add_clothes_sheet(builder, design, style.paint_collar, "collar", kLayerNeck, 7);
  add_raised_arms(builder, design, sleeve);
}

}  // namespace tha4::generator
