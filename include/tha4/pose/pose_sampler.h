#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tha4/pose/pose.h"

namespace tha4 {

/// How poses are drawn.
enum class PoseDistribution {
  uniform,  ///< every parameter on its own, uniform in its range
  natural   ///< as characters are posed in animations: see NaturalPoseDistribution
};

/// The natural distribution of poses. The method (paper, section 3) is trained on poses taken from
/// animations, where a face shows one expression at a time; this imitates them. All members are probabilities
/// in [0, 1] unless they say otherwise; U(a, b) is uniform.
///
/// - Brows, eyelids, iris, mouth, head and body are each *active* with the probability below, else at rest.
/// - Brows: one of the six kinds dominates, U(0.2, 1).
/// - Eyelids: one of the six kinds dominates: wink 40 %, happy_wink 15 %, relaxed 15 %, surprised 10 %,
///   unimpressed 10 %, raised_lower_eyelid 10 %. Its value is 1 (`eyelid_extreme`), U(0.3, 0.8)
///   (`eyelid_half`, since half-closed eyes are the hardest to draw), or else U(0, 1).
/// - Mouth: one of the shapes aaa, iii, uuu, eee, ooo, delta dominates, U(0.1, 1) (`mouth_shape`). With it,
///   or on their own where there is no shape: raised or lowered corners (`mouth_corners`) or a smirk
///   (`mouth_smirk`), U(0, 1).
/// - Iris: both rotations U(-1, 1); small irises (`iris_small`), U(0, 1).
/// - Head (head_x, head_y, neck_z) and body (body_y, body_z): each angle is U(-0.5, 0.5) (`small_turn`), else
///   U(-1, 1).
/// - Breathing is always U(0, 1).
/// - Beside a dominating brow, eyelid kind or mouth shape, each other one is U(0, `trace_max`) with the
///   probability `trace`, else 0.
/// - The two sides of a kind agree (`sides_agree`) but for U(-`side_difference`, `side_difference`), kept in
///   the range; otherwise one side, either, is 0 or U(0, 1), half of the times each.
struct NaturalPoseDistribution {
  double brows = 0.5;
  double eyelids = 0.7;
  double iris = 0.6;
  double mouth = 0.7;
  double head = 0.9;
  double body = 0.9;

  double eyelid_extreme = 0.2;
  double eyelid_half = 0.4;
  double mouth_shape = 0.8;
  double mouth_corners = 0.3;
  double mouth_smirk = 0.1;
  double iris_small = 0.3;
  double small_turn = 0.5;

  double trace = 0.15;
  double trace_max = 0.15;  ///< value of a parameter, in [0, 1]
  double sides_agree = 0.8;
  double side_difference = 0.1;  ///< value of a parameter, in [0, 1]
};

/// One member of NaturalPoseDistribution, by the name that it has in configurations, in [0, 1].
struct NaturalPoseMember {
  std::string_view name;
  double NaturalPoseDistribution::*value;
  std::string_view meaning;      ///< one sentence
  std::string_view before = {};  ///< its name in earlier versions, where it was another one
};

/// All of them, in the order of the struct.
std::span<const NaturalPoseMember> natural_pose_members();

/// Draws poses one at a time. The same seed gives the same poses on every platform: only std::mt19937_64,
/// whose output the standard fixes, and plain arithmetic are used.
class PoseSampler {
 public:
  /// Throws InputError if a member of \p natural is outside [0, 1].
  explicit PoseSampler(PoseDistribution kind, std::uint64_t seed,
                       const NaturalPoseDistribution& natural = {});

  Pose next();

  /// The state of the generator as a line of text (6 KB) that restore() continues from; the distribution is
  /// not part of it. restore() throws InputError for a text that state() cannot have written, and is then
  /// unchanged.
  std::string state() const;
  void restore(const std::string& state);

 private:
  PoseDistribution kind_;
  NaturalPoseDistribution natural_;
  std::mt19937_64 generator_;
};

/// The first \p count poses of a sampler; none where count is not positive.
std::vector<Pose> sample_poses(PoseDistribution kind, int count, std::uint64_t seed,
                               const NaturalPoseDistribution& natural = {});

/// A number in [0, 1) made of the upper 53 bits of the next output of \p generator. In contrast to
/// std::uniform_real_distribution, it is the same with every standard library.
double uniform_unit(std::mt19937_64& generator);

}  // namespace tha4
