#include "expression.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "pose_places.h"

namespace tha4 {
namespace {

/// From what on something counts, and where it is whole.
struct Span {
  float begin, end;

  float fraction(float value) const { return std::clamp((value - begin) / (end - begin), 0.0F, 1.0F); }
};

// Lids: openness as a fraction of that at rest.
constexpr Span kClosing{0.93F, 0.37F}, kOpening{1.15F, 1.5F};
/// Of an eye's closing, what is done by lids that only hang.
constexpr float kHanging = 0.3F, kHangingFraction = 0.6F;
constexpr Span kLowerLidRaised{0.035F, 0.1F};
/// Openness from which on where an iris is means something.
constexpr Span kIrisSeen{0.35F, 0.7F};
// Brows, in distances of the outer corners of the eyes.
constexpr Span kBrowUp{0.02F, 0.09F}, kBrowDown{0.01F, 0.045F}, kBrowSlant{0.02F, 0.07F};
// Gaze: what an eye turned as far as characters' eyes go moves its iris by, in widths of the eye.
constexpr float kGazeX = 0.13F, kGazeY = 0.1F;
// Mouth, in distances of the outer corners of the eyes; widths as fractions of that at rest.
constexpr Span kMouthOpen{0.015F, 0.19F}, kMouthWide{1.06F, 1.3F}, kMouthNarrow{0.94F, 0.7F};
/// Of an opening from 0 to 1.
constexpr Span kLittleOpen{0.05F, 0.25F}, kMuchOpen{0.3F, 0.8F};
constexpr Span kCornerUp{0.02F, 0.09F}, kCornerDown{0.015F, 0.06F};
constexpr float kCornersFollowJaw = 0.08F;  ///< of how far the mouth opens, what its corners go down by
// Degrees at which a parameter is 1.
constexpr float kFullPitch = 20, kFullYaw = 25, kFullRoll = 20;
constexpr float kBodyFollows = 0.35F;
/// Degrees off the face at rest: what is seen of brows, corners and irises from aside is half a guess.
constexpr Span kAside{12, 40};
constexpr float kGuessed = 0.7F;

class PoseWriter {
 public:
  void set(int place, float value, float gain) {
    value *= gain;
    pose_[static_cast<std::size_t>(place)] =
        std::isfinite(value) ? std::clamp(value, goes_both_ways(place) ? -1.0F : 0.0F, 1.0F) : 0;
  }
  const Pose& pose() const { return pose_; }

 private:
  Pose pose_{};
};

/// \param side   0 left, 1 right
/// \param smile  0 to 1
/// \param sure   0 to 1, how much of what is seen is believed
void set_eye(PoseWriter& pose, const EyeMeasures& now, const EyeMeasures& rest, int side, float smile,
             float sure, const TrackingGains& gains) {
  const float open = now.open / std::max(rest.open, 1e-3F);
  const float closed = kClosing.fraction(open);
  // Half of the way, lids hang; then they close, to a smile where the mouth smiles.
  const float closing = std::clamp((closed - kHanging) / (1 - kHanging), 0.0F, 1.0F);
  const float hanging = std::min(closed / kHanging, 1.0F) * kHangingFraction * (1 - closing);
  pose.set(kEyeRelaxed + side, hanging, gains.eyes);
  pose.set(kEyeWink + side, closing * (1 - smile), gains.eyes);
  pose.set(kEyeHappyWink + side, closing * smile, gains.eyes);
  pose.set(kEyeSurprised + side, kOpening.fraction(open) * sure, gains.eyes);
  pose.set(kEyeRaisedLowerLid + side, kLowerLidRaised.fraction(now.lower_lid - rest.lower_lid) * (1 - closed),
           gains.eyes);
}

void set_brow(PoseWriter& pose, const EyeMeasures& now, const EyeMeasures& rest, int side, float gain) {
  const float inner = now.brow_inner - rest.brow_inner, middle = now.brow_middle - rest.brow_middle,
              outer = now.brow_outer - rest.brow_outer;
  const float height = (inner + middle + outer) / 3, slant = inner - outer;
  const float troubled = kBrowSlant.fraction(slant), angry = kBrowSlant.fraction(-slant);
  pose.set(kBrowTroubled + side, troubled, gain);
  pose.set(kBrowAngry + side, angry, gain);
  pose.set(kBrowRaised + side, kBrowUp.fraction(height) * (1 - troubled), gain);
  pose.set(kBrowLowered + side, kBrowDown.fraction(-height) * (1 - angry), gain);
}

/// Where both eyes look: the more open one counts more.
void set_gaze(PoseWriter& pose, const FaceMeasures& now, const FaceMeasures& rest, float gain) {
  float x = 0, y = 0, sum = 1e-6F;
  for (std::size_t side = 0; side < 2; ++side) {
    const float weight = kIrisSeen.fraction(now.eyes[side].open / std::max(rest.eyes[side].open, 1e-3F));
    x += weight * (now.eyes[side].gaze_x - rest.eyes[side].gaze_x);
    y += weight * (now.eyes[side].gaze_y - rest.eyes[side].gaze_y);
    sum += weight;
  }
  // Of closed eyes nothing is known.
  const float seen = std::clamp(sum, 0.0F, 1.0F);
  pose.set(kIrisRotationX, -y / sum / kGazeY * seen, gain);
  pose.set(kIrisRotationY, -x / sum / kGazeX * seen, gain);
}

/// How far the corner of a side is raised; negative: lowered.
float corner_height(const FaceMeasures& now, const FaceMeasures& rest, std::size_t side) {
  return now.mouth_corners[side] - rest.mouth_corners[side] +
         kCornersFollowJaw * std::max(now.mouth_open - rest.mouth_open, 0.0F);
}

void set_mouth(PoseWriter& pose, const FaceMeasures& now, const FaceMeasures& rest, float sure, float gain) {
  const float open = kMouthOpen.fraction(now.mouth_open - rest.mouth_open);
  const float width = now.mouth_width / std::max(rest.mouth_width, 1e-3F);
  const float wide = kMouthWide.fraction(width), narrow = kMouthNarrow.fraction(width);
  float lowered = 0;
  for (int side = 0; side < 2; ++side) {
    const float height = corner_height(now, rest, static_cast<std::size_t>(side));
    lowered += kCornerDown.fraction(-height) / 2;
    pose.set(kMouthRaisedCorner + side, kCornerUp.fraction(height) * sure, gain);
    pose.set(kMouthLoweredCorner + side, kCornerDown.fraction(-height) * (1 - open) * sure, gain);
  }
  // Of an open mouth, its width says which vowel it is: the fractions of vowels are one mouth's opening. Only
  // "iii" is whole where the mouth is but a little open.
  const float much = kMuchOpen.fraction(open);
  pose.set(kMouthOoo, open * narrow, gain);
  pose.set(kMouthUuu, (1 - open) * narrow, gain);
  pose.set(kMouthIii, kLittleOpen.fraction(open) * wide * (1 - much), gain);
  pose.set(kMouthEee, wide * much, gain);
  const float plain = open * (1 - narrow) * (1 - wide);
  pose.set(kMouthDelta, plain * lowered, gain);
  pose.set(kMouthAaa, plain * (1 - lowered), gain);
}

}  // namespace

Pose pose_of_measures(const FaceMeasures& now, const FaceMeasures& rest, const HeadAngles& angles,
                      const TrackingGains& gains) {
  PoseWriter pose;
  const float sure = 1 - kGuessed * kAside.fraction(std::hypot(angles.pitch, angles.yaw));
  for (int side = 0; side < 2; ++side) {
    const auto index = static_cast<std::size_t>(side);
    const float smile = kCornerUp.fraction(corner_height(now, rest, index));
    set_eye(pose, now.eyes[index], rest.eyes[index], side, smile, sure, gains);
    set_brow(pose, now.eyes[index], rest.eyes[index], side, sure * gains.brows);
  }
  set_gaze(pose, now, rest, sure * gains.iris);
  set_mouth(pose, now, rest, sure, gains.mouth);
  pose.set(kHeadX, angles.pitch / kFullPitch, gains.head);
  pose.set(kHeadY, angles.yaw / kFullYaw, gains.head);
  pose.set(kNeckZ, angles.roll / kFullRoll, gains.head);
  pose.set(kBodyY, kBodyFollows * angles.yaw / kFullYaw, gains.body);
  pose.set(kBodyZ, kBodyFollows * angles.roll / kFullRoll, gains.body);
  return pose.pose();
}

}  // namespace tha4
