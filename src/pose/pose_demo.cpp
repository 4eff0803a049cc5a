#include "tha4/pose/pose_demo.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>

namespace tha4 {
namespace {

/// A parameter, or both sides of a group, leaves 0 at `start`, rests at `value` and is back at 0 at `end`;
/// each way takes `ease`. All times in seconds, within the show, so that it can be repeated.
struct Movement {
  std::string_view target;
  double start;
  double end;
  double ease;
  double value;
};

constexpr double kBlink = 0.13;
constexpr double kTalk = 0.11;
constexpr double kExpression = 0.3;
constexpr double kGlance = 0.2;
constexpr double kNod = 0.35;
constexpr double kTurn = 0.9;

/// The acts: talks while turning to one side (0 to 3), looks to the other side in doubt (3 to 5), is
/// surprised (5 to 6.3), is displeased and nods (6.3 to 8), smiles and winks (8 to 10). Gaze leads head, head
/// leads body.
constexpr Movement kMovements[] = {
    {"eye_wink", 0.25, 0.55, kBlink, 1},
    {"eye_wink", 2.55, 2.87, kBlink, 1},
    {"eye_wink", 4.55, 4.85, kBlink, 1},
    {"eye_wink", 6.20, 6.50, kBlink, 1},
    {"eye_wink_left", 9.00, 9.55, 0.17, 1},

    {"mouth_aaa", 0.40, 0.75, kTalk, 0.9},
    {"mouth_iii", 0.70, 1.00, kTalk, 0.8},
    {"mouth_uuu", 0.95, 1.25, kTalk, 0.9},
    {"mouth_eee", 1.20, 1.50, kTalk, 0.8},
    {"mouth_ooo", 1.45, 1.80, kTalk, 0.9},
    {"mouth_aaa", 2.00, 2.25, kTalk, 0.6},
    {"mouth_eee", 2.20, 2.45, kTalk, 0.6},
    {"mouth_lowered_corner", 3.30, 4.60, kExpression, 0.9},
    {"mouth_ooo", 5.00, 6.10, 0.2, 0.8},
    {"mouth_delta", 6.50, 7.20, 0.25, 0.9},
    {"mouth_lowered_corner", 7.10, 7.90, kExpression, 0.6},
    {"mouth_raised_corner", 8.00, 9.10, kExpression, 1},
    {"mouth_aaa", 8.25, 8.85, 0.2, 0.6},
    {"mouth_smirk", 8.95, 9.80, kExpression, 1},

    {"eyebrow_serious", 1.00, 2.60, kExpression, 0.9},
    {"eyebrow_troubled", 3.10, 4.70, kExpression, 1},
    {"eyebrow_raised", 4.95, 6.15, 0.2, 1},
    {"eyebrow_angry", 6.30, 7.25, kExpression, 1},
    {"eyebrow_lowered", 7.00, 7.95, kExpression, 0.9},
    {"eyebrow_happy", 7.90, 9.80, kExpression, 1},

    {"eye_raised_lower_eyelid", 1.20, 2.50, kExpression, 0.7},
    {"eye_relaxed", 3.20, 4.50, kExpression, 0.45},
    {"eye_surprised", 4.95, 6.10, 0.2, 1},
    {"iris_small", 5.05, 6.00, 0.2, 0.7},
    {"eye_unimpressed", 6.60, 7.90, kExpression, 0.9},
    {"eye_happy_wink", 8.10, 8.95, kGlance, 1},

    {"iris_rotation_y", 0.80, 2.60, kGlance, 0.7},
    {"iris_rotation_y", 2.75, 4.60, kGlance, -0.8},
    {"iris_rotation_x", 3.50, 4.50, kGlance, 0.7},
    {"iris_rotation_x", 6.90, 7.90, kGlance, -0.6},

    {"head_y", 0.90, 3.20, kTurn, 0.9},
    {"head_y", 2.85, 5.10, kTurn, -0.9},
    {"head_x", 3.30, 4.80, 0.5, 0.5},
    {"head_x", 5.00, 6.20, 0.3, 0.5},
    {"head_x", 6.40, 7.10, kNod, -0.8},
    {"head_x", 7.10, 7.80, kNod, -0.6},
    {"neck_z", 1.30, 3.00, 0.7, 0.4},
    {"neck_z", 7.80, 9.90, 0.7, -0.8},
    {"body_y", 1.10, 3.50, 1.1, 0.7},
    {"body_y", 3.00, 5.50, 1.1, -0.7},
    {"body_z", 7.60, 9.95, 1.0, 0.6},
};

/// From 0 at 0 to 1 at 1 with flat ends.
double ease(double progress) {
  const double x = std::clamp(progress, 0.0, 1.0);
  return x * x * (3 - 2 * x);
}

double value_at(const Movement& movement, double time) {
  return movement.value * ease((time - movement.start) / movement.ease) *
         ease((movement.end - time) / movement.ease);
}

/// A wave that begins and ends the show at 0.
double wave(double time, int cycles) {
  return std::sin(2 * std::numbers::pi * cycles * time / kDemoSeconds);
}

void add(Pose& pose, std::string_view target, double value) {
  for (std::size_t i = 0; i < pose.size(); ++i) {
    const PoseParameter& parameter = pose_parameters()[i];
    if (parameter.name != target && parameter.group != target) continue;
    pose[i] = std::clamp(static_cast<float>(pose[i] + value), parameter.min, parameter.max);
  }
}

Pose demo_pose(double time) {
  Pose pose{};
  for (const Movement& movement : kMovements) add(pose, movement.target, value_at(movement, time));
  add(pose, "breathing", 0.5 - 0.5 * std::cos(2 * std::numbers::pi * 3 * time / kDemoSeconds));
  add(pose, "body_z", 0.25 * wave(time, 2));
  add(pose, "neck_z", 0.1 * wave(time, 3));
  add(pose, "head_x", 0.08 * wave(time, 4));
  return pose;
}

}  // namespace

std::vector<Pose> demo_poses(int frame_count) {
  std::vector<Pose> poses;
  for (int i = 0; i < frame_count; ++i) poses.push_back(demo_pose(kDemoSeconds * i / frame_count));
  return poses;
}

}  // namespace tha4
