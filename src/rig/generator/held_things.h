#pragma once

#include <string_view>

#include "canvas.h"
#include "character_design.h"
#include "kinds.h"
#include "ornaments.h"
#include <glm/vec2.hpp>

namespace tha4::generator {

/// What a hand holds is painted with: a place of its own, in pixels from where it is held.
class HeldBrush {
 public:
  /// \p up is the unit vector that its top points to, \p inwards 1 if its right-hand side is nearer the
  /// middle of the body, -1 if its left-hand side is.
  HeldBrush(Canvas& canvas, const CharacterDesign& design, glm::vec2 grip, glm::vec2 up, float inwards)
      : canvas_(&canvas),
        design_(&design),
        ornament_(canvas, design.style),
        grip_(grip),
        up_(up),
        inwards_(inwards) {}

  /// The point \p x to the side of the middle of the body and \p y above the grip.
  [[nodiscard]] glm::vec2 at(float x, float y) const {
    return grip_ + glm::vec2(-up_.y, up_.x) * (x * inwards_) + up_ * y;
  }
  [[nodiscard]] Canvas& canvas() const { return *canvas_; }
  [[nodiscard]] const CharacterDesign& design() const { return *design_; }
  [[nodiscard]] const OrnamentBrush& ornament() const { return ornament_; }

 private:
  Canvas* canvas_;
  const CharacterDesign* design_;
  OrnamentBrush ornament_;
  glm::vec2 grip_;
  glm::vec2 up_;
  float inwards_;
};

/// One thing to hold.
struct HeldThing {
  std::string_view name;
  void (*paint)(const HeldBrush&);
  float lean = 0;  ///< outwards, in degrees, when one hand holds it
};

/// The kinds that ArmsDesign::held names.
const Kinds<HeldThing>& held_things();

}  // namespace tha4::generator
