#pragma once

#include <string_view>

#include "hand_gestures.h"
#include "kinds.h"
#include <glm/vec2.hpp>

namespace tha4::generator {

/// A point of an arm: x outwards from the middle of the body, or from the shoulder.
struct ArmPoint {
  float x;
  float y;
  bool is_from_shoulder = false;
};

/// What the arms do at rest.
struct ArmGesture {
  std::string_view name;
  int raised = 0;  ///< forearms: none, one or both
  ArmPoint elbow{7, 321, true};
  ArmPoint wrist{36, 284};
  glm::vec2 way{-0.85F, -0.5F};  ///< of the hand, from the wrist; any length; x outwards
  HandShape hand = HandShape::relaxed;
  bool holds = false;  ///< something
};

/// The kinds that ArmsDesign::gesture names.
const Kinds<ArmGesture>& arm_gestures();

}  // namespace tha4::generator
