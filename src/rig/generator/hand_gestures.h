#pragma once

#include <string_view>

#include "canvas.h"
#include "character_design.h"
#include <glm/vec2.hpp>

namespace tha4::generator {

/// Where a raised hand is, and how it is seen.
struct HandPlace {
  glm::vec2 wrist;
  glm::vec2 way;    ///< unit vector from the wrist to the fingers
  glm::vec2 thumb;  ///< unit vector across it, to the side that the thumb is at

  /// The point so many pixels along the hand and across it, towards the thumb.
  [[nodiscard]] glm::vec2 at(float along, float across) const { return wrist + way * along + thumb * across; }
  /// The middle of what a closed hand holds.
  [[nodiscard]] glm::vec2 grip() const { return at(12.5F, 0); }
};

/// What a hand does: its fingers stretched and spread; two of them raised; all side by side and bent a
/// little; or closed around something.
enum class HandShape { open, peace, relaxed, grip };

/// Paints a raised hand in two steps, so that something can be held between them.
class HandBrush {
 public:
  HandBrush(Canvas& canvas, const CharacterDesign& design) : canvas_(&canvas), design_(&design) {}

  /// What lies behind a thing that is held: the palm, and fingers that are not closed around it.
  void palm(const HandPlace& hand, HandShape shape) const;
  /// What lies before it.
  void fingers(const HandPlace& hand, HandShape shape) const;

 private:
  void finger(const Points& path, float width, glm::vec2 away) const;

  Canvas* canvas_;
  const CharacterDesign* design_;
};

}  // namespace tha4::generator
