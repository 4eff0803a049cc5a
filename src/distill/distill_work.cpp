#include "distill_work.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tha4 {
namespace {

/// After which a speed that is measured as the work goes on counts more than what was known before.
constexpr double kMeasuredSeconds = 2;

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};

}  // namespace

WorkAmounts amounts_of(const DistillConfig& config, bool derives_mask) {
  WorkAmounts amounts{};
  std::visit(Overloaded{[&](const SirenFaceConfig& face) {
                          of(amounts, Work::mask_crops) = derives_mask ? config.mask_poses : 0;
                          of(amounts, Work::face_crops) = face.steps.frames;
                          of(amounts, Work::face_analysis) = 1;
                          of(amounts, Work::face_examples) = static_cast<double>(face.examples);
                        },
                        [&](const BlendshapeFaceConfig& face) {
                          of(amounts, Work::face_crops) = of(amounts, Work::face_analysis) = face.crops;
                          of(amounts, Work::face_examples) = static_cast<double>(face.regression.examples);
                        }},
             config.face_morpher);
  std::visit(Overloaded{[&](const SirenBodyConfig& body) {
                          of(amounts, Work::frames) = body.steps.frames;
                          of(amounts, Work::body_analysis) = 1;
                          of(amounts, Work::body_examples) = static_cast<double>(body.examples);
                        },
                        [&](const BlendshapeBodyConfig& body) {
                          of(amounts, Work::frames) = of(amounts, Work::body_analysis) = body.frames;
                          of(amounts, Work::body_examples) = static_cast<double>(body.regression.examples);
                          of(amounts, Work::tuning_examples) = static_cast<double>(body.fine_tuning.examples);
                        }},
             config.body_rotator);
  of(amounts, Work::held_out) = config.held_out_poses;
  of(amounts, Work::preview) = config.preview ? kPreviewFrames : 0;
  return amounts;
}

WorkAmounts unknown_speeds() {
  WorkAmounts speeds;
  speeds.fill(std::numeric_limits<double>::quiet_NaN());
  return speeds;
}

std::optional<double> seconds_of(const WorkAmounts& amounts, const WorkAmounts& speeds) {
  double seconds = 0;
  for (std::size_t i = 0; i < kWorks; ++i) {
    if (amounts[i] <= 0) continue;
    if (std::isnan(speeds[i])) return std::nullopt;
    seconds += amounts[i] * speeds[i];
  }
  return seconds;
}

void WorkMeter::know(const WorkAmounts& speeds) {
  for (std::size_t i = 0; i < kWorks; ++i) {
    if (std::isnan(speeds_[i])) speeds_[i] = speeds[i];
  }
}

void WorkMeter::report(Work work, double done, Clock::time_point now) {
  go_on_to(work);
  if (!is_reported_) {
    is_reported_ = true;
    first_ = done;
    begun_ = now;
  }
  done_ = done;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  double& speed = of(speeds_, work);
  if (done > first_ && (seconds >= kMeasuredSeconds || std::isnan(speed))) speed = seconds / (done - first_);
}

void WorkMeter::go_on_to(Work work) {
  if (work == work_) return;
  work_ = work;
  done_ = 0;
  is_reported_ = false;
}

WorkAmounts WorkMeter::amounts_left() const {
  WorkAmounts left = amounts_;
  std::fill_n(left.begin(), static_cast<std::size_t>(work_), 0.0);
  of(left, work_) = std::max(0.0, of(left, work_) - done_);
  return left;
}

std::optional<double> WorkMeter::seconds_left() const {
  return seconds_of(amounts_left(), speeds_);
}

}  // namespace tha4
