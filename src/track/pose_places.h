#pragma once

#include "tha4/pose/pose.h"

namespace tha4 {

/// Where parameters stand in a Pose, of those with two sides the left one: the right one is behind it. The
/// table itself (pose_parameters()) is not for WebAssembly; a test compares.
enum PosePlace : int {
  kBrowTroubled = 0,
  kBrowAngry = 2,
  kBrowLowered = 4,
  kBrowRaised = 6,
  kEyeWink = 12,
  kEyeHappyWink = 14,
  kEyeSurprised = 16,
  kEyeRelaxed = 18,
  kEyeRaisedLowerLid = 22,
  kMouthAaa = 26,
  kMouthIii = 27,
  kMouthUuu = 28,
  kMouthEee = 29,
  kMouthOoo = 30,
  kMouthDelta = 31,
  kMouthLoweredCorner = 32,
  kMouthRaisedCorner = 34,
  kIrisRotationX = 37,
  kIrisRotationY = 38,
  kHeadX = 39,
  kHeadY = 40,
  kNeckZ = 41,
  kBodyY = 42,
  kBodyZ = 43,
};

/// Whether the value at \p place is of one side of the face.
constexpr bool has_side(int place) {
  return place < kMouthAaa || (place >= kMouthLoweredCorner && place < kMouthRaisedCorner + 2);
}

/// Whether \p place goes from -1 to 1.
constexpr bool goes_both_ways(int place) {
  return place >= kIrisRotationX && place <= kBodyZ;
}

/// Whether \p place turns something to the left or right.
constexpr bool turns_sideways(int place) {
  return goes_both_ways(place) && place != kIrisRotationX && place != kHeadX;
}

/// What a mirror shows of \p pose; as mirrored_parameters() has it.
constexpr Pose mirrored_pose(const Pose& pose) {
  Pose result{};
  for (int place = 0; place < kPoseSize; ++place) {
    const auto from = static_cast<std::size_t>(has_side(place) ? place ^ 1 : place);
    result[static_cast<std::size_t>(place)] = turns_sideways(place) ? -pose[from] : pose[from];
  }
  return result;
}

}  // namespace tha4
