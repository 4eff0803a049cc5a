#include "tha4/pose/pose_sampler.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <locale>
#include <sstream>
#include <string_view>
#include <utility>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

/// Fractions of the eyelid kinds, in the order of the pose table.
constexpr std::array<double, 6> kEyelidFractions = {0.40, 0.15, 0.10, 0.15, 0.10, 0.10};
constexpr std::size_t kBrowKinds = 6;
constexpr std::size_t kMouthShapes = 6;

std::size_t first_index(std::string_view name) {
  return static_cast<std::size_t>(pose_parameter_index(name));
}

/// One natural pose in the making. The order of the draws is part of what a seed means: draws are never made
/// within one expression, whose order of evaluation is open.
class NaturalPose {
 public:
  NaturalPose(const NaturalPoseDistribution& natural, std::mt19937_64& generator)
      : natural_(natural), generator_(generator) {}

  Pose draw() {
    if (happens(natural_.brows)) draw_brows();
    if (happens(natural_.eyelids)) draw_eyelids();
    if (happens(natural_.iris)) draw_iris();
    if (happens(natural_.mouth)) draw_mouth();
    if (happens(natural_.head)) draw_turns({"head_x", "head_y", "neck_z"});
    if (happens(natural_.body)) draw_turns({"body_y", "body_z"});
    set("breathing", uniform(0, 1));
    return pose_;
  }

 private:
  bool happens(double probability) { return uniform_unit(generator_) < probability; }

  double uniform(double min, double max) { return min + (max - min) * uniform_unit(generator_); }

  std::size_t one_of(std::size_t count) {
    return std::min(static_cast<std::size_t>(uniform(0, static_cast<double>(count))), count - 1);
  }

  void set(std::string_view name, double value) { pose_[first_index(name)] = static_cast<float>(value); }

  void draw_brows() {
    static const std::size_t first = first_index("eyebrow_troubled_left");
    const std::size_t dominant = one_of(kBrowKinds);
    for (std::size_t kind = 0; kind < kBrowKinds; ++kind) {
      if (kind == dominant) {
        draw_sides(first + 2 * kind, uniform(0.2, 1));
      } else if (happens(natural_.trace)) {
        draw_trace(first + 2 * kind);
      }
    }
  }

  void draw_eyelids() {
    static const std::size_t first = first_index("eye_wink_left");
    const std::size_t dominant = draw_eyelid_kind();
    for (std::size_t kind = 0; kind < kEyelidFractions.size(); ++kind) {
      if (kind == dominant) {
        draw_sides(first + 2 * kind, draw_eyelid_value());
      } else if (happens(natural_.trace)) {
        draw_trace(first + 2 * kind);
      }
    }
  }

  std::size_t draw_eyelid_kind() {
    double rest = uniform_unit(generator_);
    std::size_t kind = 0;
    while (kind + 1 < kEyelidFractions.size() && rest >= kEyelidFractions[kind]) {
      rest -= kEyelidFractions[kind++];
    }
    return kind;
  }

  double draw_eyelid_value() {
    if (happens(natural_.eyelid_extreme)) return 1;
    const double half_probability =
        natural_.eyelid_extreme < 1 ? natural_.eyelid_half / (1 - natural_.eyelid_extreme) : 0;
    return happens(half_probability) ? uniform(0.3, 0.8) : uniform(0, 1);
  }

  void draw_iris() {
    set("iris_rotation_x", uniform(-1, 1));
    set("iris_rotation_y", uniform(-1, 1));
    static const std::size_t small = first_index("iris_small_left");
    if (happens(natural_.iris_small)) draw_sides(small, uniform(0, 1));
  }

  void draw_mouth() {
    static const std::size_t first = first_index("mouth_aaa");
    const bool has_shape = happens(natural_.mouth_shape);
    if (has_shape) {
      const std::size_t dominant = one_of(kMouthShapes);
      for (std::size_t shape = 0; shape < kMouthShapes; ++shape) {
        if (shape == dominant) {
          pose_[first + shape] = static_cast<float>(uniform(0.1, 1));
        } else if (happens(natural_.trace)) {
          pose_[first + shape] = static_cast<float>(uniform(0, natural_.trace_max));
        }
      }
    }
    draw_mouth_ends(has_shape);
  }

  /// Corners or a smirk; without a mouth shape there always is one of them, in the same proportion.
  void draw_mouth_ends(bool has_shape) {
    static const std::size_t lowered = first_index("mouth_lowered_corner_left");
    static const std::size_t raised = first_index("mouth_raised_corner_left");
    const double sum = natural_.mouth_corners + natural_.mouth_smirk;
    const double choice = uniform(0, has_shape ? std::max(1.0, sum) : sum);
    if (choice < natural_.mouth_corners) {
      const bool is_raised = happens(0.5);
      draw_sides(is_raised ? raised : lowered, uniform(0, 1));
    } else if (choice < sum) {
      set("mouth_smirk", uniform(0, 1));
    }
  }

  void draw_turns(std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      const double max = happens(natural_.small_turn) ? 0.5 : 1;
      set(name, uniform(-max, max));
    }
  }

  /// Sets the left side, at \p index, and the right side, after it.
  void draw_sides(std::size_t index, double value) {
    double left = value;
    double right = value;
    if (happens(natural_.sides_agree)) {
      right += uniform(-natural_.side_difference, natural_.side_difference);
    } else {
      right = happens(0.5) ? uniform(0, 1) : 0;
      if (happens(0.5)) std::swap(left, right);
    }
    pose_[index] = static_cast<float>(left);
    pose_[index + 1] = static_cast<float>(std::clamp(right, 0.0, 1.0));
  }

  void draw_trace(std::size_t index) {
    const double value = uniform(0, natural_.trace_max);
    pose_[index] = static_cast<float>(value);
    pose_[index + 1] = static_cast<float>(value);
  }

  const NaturalPoseDistribution& natural_;
  std::mt19937_64& generator_;
  Pose pose_{};
};

void check(const NaturalPoseDistribution& natural) {
  for (const NaturalPoseMember& member : natural_pose_members()) {
    const double value = natural.*member.value;
    if (!(value >= 0 && value <= 1)) {
      throw InputError("natural pose distribution: " + std::string(member.name) + " is " +
                       std::to_string(value) + ", outside 0 to 1");
    }
  }
}

Pose uniform_pose(std::mt19937_64& generator) {
  Pose pose;
  for (std::size_t i = 0; i < pose.size(); ++i) {
    const PoseParameter& parameter = pose_parameters()[i];
    pose[i] = static_cast<float>(parameter.min + (parameter.max - parameter.min) * uniform_unit(generator));
  }
  return pose;
}

}  // namespace

double uniform_unit(std::mt19937_64& generator) {
  return static_cast<double>(generator() >> 11) * 0x1p-53;
}

std::span<const NaturalPoseMember> natural_pose_members() {
  using Natural = NaturalPoseDistribution;
  static constexpr NaturalPoseMember members[] = {
      {"brows", &Natural::brows, "Probability that the eyebrows are not at rest."},
      {"eyelids", &Natural::eyelids, "Probability that the eyelids are not at rest."},
      {"iris", &Natural::iris, "Probability that the irises are not at rest."},
      {"mouth", &Natural::mouth, "Probability that the mouth is not at rest."},
      {"head", &Natural::head, "Probability that the head is turned."},
      {"body", &Natural::body, "Probability that the body is turned."},
      {"eyelid_extreme", &Natural::eyelid_extreme,
       "Probability that an eyelid parameter has its largest value, 1."},
      {"eyelid_half", &Natural::eyelid_half, "Probability that it is between 0.3 and 0.8."},
      {"mouth_shape", &Natural::mouth_shape, "Probability that a moving mouth has a shape, such as aaa."},
      {"mouth_corners", &Natural::mouth_corners, "Probability that its corners are raised or lowered."},
      {"mouth_smirk", &Natural::mouth_smirk, "Probability of a smirk."},
      {"iris_small", &Natural::iris_small, "Probability that moving irises are also small."},
      {"small_turn", &Natural::small_turn,
       "Probability that an angle of head or body stays within half of its range."},
      {"trace", &Natural::trace, "Probability that a parameter beside the dominating one is not 0."},
      {"trace_max", &Natural::trace_max, "Largest value of such a parameter.", "trace_most"},
      {"sides_agree", &Natural::sides_agree, "Probability that left and right are nearly the same."},
      {"side_difference", &Natural::side_difference, "Largest difference of two sides that agree."},
  };
  return members;
}

PoseSampler::PoseSampler(PoseDistribution kind, std::uint64_t seed, const NaturalPoseDistribution& natural)
    : kind_(kind), natural_(natural), generator_(seed) {
  check(natural_);
}

Pose PoseSampler::next() {
  return kind_ == PoseDistribution::uniform ? uniform_pose(generator_)
                                            : NaturalPose(natural_, generator_).draw();
}

std::string PoseSampler::state() const {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << generator_;
  return text.str();
}

void PoseSampler::restore(const std::string& state) {
  std::istringstream text(state);
  text.imbue(std::locale::classic());
  std::mt19937_64 generator;
  text >> generator;
  if (text.fail() || !(text >> std::ws).eof()) {
    throw InputError("the state of a pose sampler cannot be restored: the text is damaged");
  }
  generator_ = generator;
}

std::vector<Pose> sample_poses(PoseDistribution kind, int count, std::uint64_t seed,
                               const NaturalPoseDistribution& natural) {
  PoseSampler sampler(kind, seed, natural);
  std::vector<Pose> poses(static_cast<std::size_t>(std::max(count, 0)));
  for (Pose& pose : poses) pose = sampler.next();
  return poses;
}

}  // namespace tha4
