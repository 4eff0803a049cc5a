#include "arm_gestures.h"

#include <array>

namespace tha4::generator {
namespace {

/// Of arms whose hands are beside the head.
constexpr ArmPoint kHighElbow{13, 310, true};

constexpr auto kGestureRows = std::to_array<ArmGesture>({
    {.name = "down"},
    {.name = "chest", .raised = 1},
    {.name = "fist", .raised = 1, .wrist = {36, 274}, .way = {-0.5F, -0.85F}, .hand = HandShape::grip},
    {.name = "cheek", .raised = 1, .elbow = kHighElbow, .wrist = {50, 222}, .way = {-0.2F, -1}},
    {.name = "open_palm",
     .raised = 1,
     .elbow = kHighElbow,
     .wrist = {24, 226, true},
     .way = {0.12F, -1},
     .hand = HandShape::open},
    {.name = "peace",
     .raised = 1,
     .elbow = kHighElbow,
     .wrist = {6, 228, true},
     .way = {-0.05F, -1},
     .hand = HandShape::peace},
    {.name = "hold", .raised = 1, .wrist = {40, 282}, .hand = HandShape::grip, .holds = true},
    {.name = "clasped", .raised = 2, .wrist = {13, 292}, .way = {-0.55F, -0.8F}},
    {.name = "hold_both",
     .raised = 2,
     .wrist = {25, 296},
     .way = {-0.95F, -0.3F},
     .hand = HandShape::grip,
     .holds = true},
});
constexpr Kinds<ArmGesture> kGestures{"gesture", kGestureRows};

}  // namespace

const Kinds<ArmGesture>& arm_gestures() {
  return kGestures;
}

}  // namespace tha4::generator
