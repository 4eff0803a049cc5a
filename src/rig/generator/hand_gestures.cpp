#include "hand_gestures.h"

#include <array>
#include <vector>

#include <glm/common.hpp>
#include <glm/geometric.hpp>

namespace tha4::generator {
namespace {

constexpr float kFinger = 5;  ///< width in pixels

/// A finger of a hand that is not closed: where it starts across the palm, how long it is, and how far its
/// tip lies to the thumb's side of its root.
struct Finger {
  float across;
  float length;
  float lean;
};

constexpr std::array<Finger, 4> kSpread = {
    {{-7, 14, -5}, {-2.4F, 18, -1.6F}, {2.3F, 19, 1.5F}, {6.8F, 16.5F, 5}}};
constexpr std::array<Finger, 4> kTogether = {
    {{-6.4F, 12, -1}, {-2.2F, 15, -0.6F}, {2, 16, 0}, {6.2F, 14.5F, 0.4F}}};
constexpr float kKnuckles = 16;

Points palm_loop(const HandPlace& hand) {
  return smooth_loop(Points{hand.at(-3, -6), hand.at(5, -8), hand.at(15, -9.2F), hand.at(18.5F, -5),
                            hand.at(19, 3), hand.at(17, 8.8F), hand.at(8, 9.4F), hand.at(-3, 6)});
}

}  // namespace

void HandBrush::finger(const Points& path, float width, glm::vec2 away) const {
  const FaceDesign& face = design_->face;
  const Points curve = smooth_curve(path);
  const float line = 0.85F * design_->style.line_width;
  canvas_->stroke(curve, width + 2 * line, design_->style.outline(face.skin_line, face.skin_shade));
  canvas_->stroke(curve, width, face.skin);
  canvas_->stroke(shifted(curve, away * (width * 0.28F)), width * 0.4F, with_alpha(face.skin_shade, 0.7F));
}

void HandBrush::palm(const HandPlace& hand, HandShape shape) const {
  const FaceDesign& face = design_->face;
  const DrawingStyle& style = design_->style;
  const Points loop = palm_loop(hand);
  const glm::vec2 away = glm::vec2(0.5F, 0.8F);
  canvas_->fill(loop, face.skin);
  canvas_->line(closed(loop), LineWidth{style.line_width, style.line_width, style.line_width},
                style.outline(face.skin_line, face.skin_shade));
  if (shape != HandShape::grip) {
    const auto& fingers = shape == HandShape::relaxed ? kTogether : kSpread;
    for (std::size_t i = 0; i < fingers.size(); ++i) {
      const Finger& f = fingers[i];
      if (shape == HandShape::peace && i < 2) continue;
      const glm::vec2 root = hand.at(kKnuckles, f.across);
      const glm::vec2 tip =
          hand.at(kKnuckles + f.length, f.across + f.lean * (shape == HandShape::peace ? 1.5F : 1));
      const float bend = shape == HandShape::relaxed ? -2.2F : 0.5F;
      finger({root, glm::mix(root, tip, 0.55F) + hand.thumb * bend, tip}, kFinger - (i == 0 ? 0.6F : 0),
             away);
    }
  }
  // The palm closes over the fingers' roots.
  Points inner = loop;
  for (glm::vec2& point : inner) point = glm::mix(hand.at(9, 0), point, 0.955F);
  canvas_->fill(inner, face.skin);
  canvas_->fill(Points{hand.at(-6, -4.6F), hand.at(6, -5.4F), hand.at(6, 5.6F), hand.at(-6, 4.6F)},
                face.skin);
  canvas_->clipped(loop, [&] {
    canvas_->fill_loops(std::vector<Points>{loop, shifted(loop, -away * 4.0F)},
                        with_alpha(face.skin_shade, 0.8F));
  });
}

void HandBrush::fingers(const HandPlace& hand, HandShape shape) const {
  const FaceDesign& face = design_->face;
  const glm::vec2 away = glm::vec2(0.5F, 0.8F);
  const Color line = with_alpha(design_->style.outline(face.skin_line, face.skin_shade), 0.7F);
  const float thin = 0.7F * design_->style.line_width;
  if (shape == HandShape::grip) {
    for (const float across : {-6.8F, -2.3F, 2.2F, 6.6F}) {
      finger({hand.at(19, across * 0.92F), hand.at(15, across), hand.at(8.5F, across * 0.96F)}, kFinger,
             away);
    }
    finger({hand.at(3, 8.5F), hand.at(10, 9.8F), hand.at(15, 7.5F)}, kFinger, away);
    return;
  }
  if (shape == HandShape::peace) {
    for (const float across : {-6.0F, -1.6F})
      finger({hand.at(18.5F, across), hand.at(21, across + 0.4F), hand.at(13, across + 0.8F)}, kFinger, away);
    finger({hand.at(5, 8), hand.at(11, 6.5F), hand.at(14, 0.5F)}, kFinger, away);
    return;
  }
  const bool is_open = shape == HandShape::open;
  finger({hand.at(3, 6.5F), hand.at(10, is_open ? 12.5F : 10), hand.at(17, is_open ? 16 : 10.5F)},
         kFinger + 0.3F, away);
  if (is_open) {
    canvas_->line(bezier(hand.at(15, 7), hand.at(10, 5), hand.at(5, 3), hand.at(1, 1.5F)),
                  LineWidth{thin, 0, 0}, line);
    canvas_->line(bezier(hand.at(14, -7), hand.at(12, -2), hand.at(13, 2), hand.at(15, 4)),
                  LineWidth{thin, 0, 0}, line);
  }
}

}  // namespace tha4::generator
