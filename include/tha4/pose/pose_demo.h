#pragma once

#include <vector>

#include "tha4/pose/pose.h"

namespace tha4 {

/// Length of the demonstration at its natural speed.
inline constexpr double kDemoSeconds = 10;
inline constexpr double kDemoFramesPerSecond = 30;
inline constexpr int kDemoFrames = 300;

/// A short show that moves all 45 parameters: talking, blinks, expressions, gaze, turns of head and body,
/// breathing. It is smooth, and the frame after the last is the first. It is the same show for every number
/// of frames, played faster or slower at a given frame rate; none where frame_count is not positive.
std::vector<Pose> demo_poses(int frame_count = kDemoFrames);

}  // namespace tha4
