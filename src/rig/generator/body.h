#pragma once

#include "arm_gestures.h"
#include "character_design.h"
#include "curve.h"
#include "rig_builder.h"
#include <glm/vec2.hpp>

namespace tha4::generator {

/// Where the parts of the body lie, for the painters of skin and clothes. `side` is -1 for the left of the
/// picture and 1 for the right.
struct BodyShape {
  float neck = 15;  ///< half widths in pixels
  float shoulder = 66;
  float armpit = 51;
  float waist = 42;
  float hip = 53;
  float hand_x = 78;  ///< distance of the wrists from the middle
  float bust = 0;     ///< 0 to 1
  ArmsDesign arms;
  const ArmGesture* gesture;

  explicit BodyShape(const BodyDesign& body);

  /// The right or left half of the torso's outline from the neck down to \p end, as a smooth curve.
  [[nodiscard]] Points torso_side(float side, float end, float ease = 0) const;

  /// Both halves closed, from \p end up to the neck: what a garment of the torso covers, before the neckline
  /// is cut. \p ease: how far it stands off the body.
  [[nodiscard]] Points torso(float end, float ease = 0) const;

  /// Whether the forearm is raised.
  [[nodiscard]] bool is_raised(float side) const;
  /// The middle line of an arm from the shoulder to the wrist, or to the elbow if the forearm is raised.
  [[nodiscard]] Points arm(float side) const;
  /// Of a raised forearm.
  [[nodiscard]] glm::vec2 elbow(float side) const;
  [[nodiscard]] glm::vec2 wrist(float side) const;

 private:
  [[nodiscard]] glm::vec2 arm_point(float side, const ArmPoint& point) const;
};

/// Adds the skin of neck, torso, arms and legs, and the clothes. Bones as add_skeleton() adds them.
void add_body(RigBuilder& builder, const CharacterDesign& design);

}  // namespace tha4::generator
