#include "tha4/track/pose_from_face.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <deque>
#include <vector>

#include "expression.h"
#include "face_measures.h"
#include "head_turn.h"
#include "one_euro_filter.h"
#include "pose_places.h"

namespace tha4 {
namespace {

using Points = std::array<FacePoint, kFacePoints>;

constexpr std::size_t kNeutralFaces = 15;  ///< of which a face at rest is the middle
constexpr double kNeutralSeconds = 0.5;
constexpr float kMaxSeconds = 0.25F;    ///< that pass between two pictures for filters
constexpr float kHoldSeconds = 0.7F;    ///< for which a lost face's pose is held
constexpr float kRelaxSeconds = 0.5F;   ///< after which a third of it is left then
constexpr float kReturnSeconds = 0.3F;  ///< in which a face that comes back takes over

/// How each parameter is smoothed.
constexpr OneEuroSettings smoothing_of(int place) {
  if (place >= kBodyY) return {0.3F, 0.3F, 0};
  if (place >= kHeadX) return {0.8F, 2.0F, 0.1F};
  if (place >= kIrisRotationX) return {0.6F, 1.2F, 0.3F};
  if (place >= kMouthAaa) return {1.0F, 3.0F, 0.3F};
  if (place >= kEyeWink) return {0.35F, 2.0F, 0.5F};
  return {0.8F, 1.5F, 0.2F};
}

Points mean_of(const std::deque<Points>& faces) {
  Points mean{};
  const float fraction = 1 / static_cast<float>(faces.size());
  for (const Points& face : faces) {
    for (std::size_t i = 0; i < face.size(); ++i) {
      mean[i].x += face[i].x * fraction;
      mean[i].y += face[i].y * fraction;
      mean[i].z += face[i].z * fraction;
    }
  }
  return mean;
}

FaceAxes turned_axes(const Rotation& rotation, const FaceAxes& axes) {
  return {turned(rotation, axes.x), turned(rotation, axes.y)};
}

/// A face at rest.
struct Neutral {
  Points points{};
  FaceAxes axes{};
  FaceMeasures measures;

  /// By the median of each measure, so that a blink among \p faces counts for nothing.
  explicit Neutral(const std::deque<Points>& faces) : points(mean_of(faces)), axes(axes_of(points)) {
    std::array<std::vector<float>, kMeasures> seen;
    for (const Points& face : faces) {
      const FaceAxes now = turned_axes(head_rotation(points, face), axes);
      const std::array<float, kMeasures> list = measures_list(measure_face(face, now));
      for (std::size_t i = 0; i < list.size(); ++i) seen[i].push_back(std::isfinite(list[i]) ? list[i] : 0);
    }
    std::array<float, kMeasures> medians{};
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const auto middle = seen[i].begin() + static_cast<std::ptrdiff_t>(seen[i].size() / 2);
      std::nth_element(seen[i].begin(), middle, seen[i].end());
      medians[i] = *middle;
    }
    measures = measures_of_list(medians);
  }
};

}  // namespace

struct PoseFromFace::State {
  std::deque<Points> faces;  ///< the last ones
  std::deque<double> times;  ///< of theirs
  std::optional<Neutral> neutral;
  bool is_neutral_chosen = false;  ///< else it is that of the first half second
  double first_face = 0;
  HeadAngles angles;
  std::array<OneEuroFilter, kPoseSize> filters;
  Pose pose{};
  std::optional<double> last;
  float lost_for = 0;   ///< seconds
  float returning = 0;  ///< what fraction of the pose is still that of the time without a face

  void see(const Points& face, double seconds);
  Pose target(const Points& face, const TrackingSettings& settings);
  void relax(float seconds);
};

void PoseFromFace::State::see(const Points& face, double seconds) {
  if (faces.empty()) first_face = seconds;
  faces.push_back(face);
  times.push_back(seconds);
  while (faces.size() > kNeutralFaces || times.front() < seconds - kNeutralSeconds) {
    faces.pop_front();
    times.pop_front();
  }
  const bool is_first_time = seconds - first_face <= kNeutralSeconds;
  if (!is_neutral_chosen && (!neutral || is_first_time)) neutral.emplace(faces);
}

Pose PoseFromFace::State::target(const Points& face, const TrackingSettings& settings) {
  const Rotation rotation = head_rotation(neutral->points, face);
  angles = head_angles(neutral->points, face);
  const FaceMeasures measures = measure_face(face, turned_axes(rotation, neutral->axes));
  const Pose seen = pose_of_measures(measures, neutral->measures, angles, settings.gains);
  return settings.mirror ? mirrored_pose(seen) : seen;
}

void PoseFromFace::State::relax(float seconds) {
  lost_for += seconds;
  if (lost_for <= kHoldSeconds) return;
  returning = 1;
  for (std::size_t i = 0; i < pose.size(); ++i) {
    pose[i] *= std::exp(-seconds / kRelaxSeconds);
    if (std::abs(pose[i]) < 1e-3F) pose[i] = 0;
    filters[i].set(pose[i]);
  }
}

PoseFromFace::PoseFromFace() : state_(std::make_unique<State>()) {}
PoseFromFace::~PoseFromFace() = default;
PoseFromFace::PoseFromFace(PoseFromFace&&) noexcept = default;
PoseFromFace& PoseFromFace::operator=(PoseFromFace&&) noexcept = default;

void PoseFromFace::set_neutral() {
  if (state_->faces.empty()) return;
  state_->neutral.emplace(state_->faces);
  state_->is_neutral_chosen = true;
}

Pose PoseFromFace::update(const std::optional<FacePoints>& face, double seconds,
                          const TrackingSettings& settings) {
  const double passed = state_->last ? seconds - *state_->last : 0;
  const float step = static_cast<float>(std::clamp(passed, 0.0, static_cast<double>(kMaxSeconds)));
  state_->last = seconds;
  if (!face) {
    state_->relax(step);
    return state_->pose;
  }
  state_->lost_for = 0;
  state_->returning = std::max(state_->returning - step / kReturnSeconds, 0.0F);
  state_->see(face->points, seconds);
  const Pose target = state_->target(face->points, settings);
  for (int place = 0; place < kPoseSize; ++place) {
    const auto i = static_cast<std::size_t>(place);
    const float value = target[i] + state_->returning * (state_->pose[i] - target[i]);
    state_->pose[i] = state_->filters[i].next(value, step, smoothing_of(place));
  }
  return state_->pose;
}

const HeadAngles& PoseFromFace::angles() const {
  return state_->angles;
}

}  // namespace tha4
