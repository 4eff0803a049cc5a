#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tha4/pose/pose.h"

namespace tha4 {

/// Poses to be shown, as a spec names them.
struct PoseSequence {
  std::vector<Pose> poses;
  double frames_per_second = 2;          ///< of a clip of them
  std::vector<std::string> labels = {};  ///< what each pose shows, or none
};

/// The most poses that the N of a spec may ask for.
inline constexpr int kMaxPosesInSpec = 100'000;

/// Reads a spec:
/// - a .json or .csv pose file;
/// - rest: the rest pose;
/// - random:N[:SEED]: N poses of the natural distribution; SEED is 0 if it is not given;
/// - sweep:PARAMETER[:N]: N poses (9 if it is not given) from the least to the most value of a parameter, all
///   others being 0; the name of a group, for example eye_wink, moves both sides; 1 is the most value alone;
/// - preview: see preview_poses(), with labels;
/// - demo: see demo_poses().
///
/// A file of several poses, a sweep and the demo are motions, of 30 frames a second; of other poses, each
/// shall be seen for itself. A name that ends in .json or .csv always means a file. Throws ValueError that
/// says what is possible.
PoseSequence parse_pose_spec(std::string_view text);

}  // namespace tha4
