#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "tha4/distill/distill_config.h"

namespace tha4 {

/// What a distillation does, in order.
enum class Work {
  mask_crops,     ///< the teacher's face crops for the mask of a SIREN
  face_crops,     ///< those that a face learns from
  face_analysis,  ///< the bases of a blendshape, by crop; else once: what comes before the first step
  face_examples,
  frames,           ///< the teacher's frames that a body learns from
  body_analysis,    ///< likewise, by frame
  body_examples,    ///< of a blendshape, those of the regression
  tuning_examples,  ///< of a blendshape
  held_out,         ///< poses
  preview,          ///< frames
};
inline constexpr std::size_t kWorks = 10;

/// How much of each work there is, or the seconds that one piece of each takes.
using WorkAmounts = std::array<double, kWorks>;
inline double& of(WorkAmounts& amounts, Work work) {
  return amounts[static_cast<std::size_t>(work)];
}
inline double of(const WorkAmounts& amounts, Work work) {
  return amounts[static_cast<std::size_t>(work)];
}

/// Frames of the clip that is left beside a character.
inline constexpr int kPreviewFrames = 150;

/// How much of each work \p config asks for.
/// \param derives_mask  whether the face mask of a SIREN is not given
WorkAmounts amounts_of(const DistillConfig& config, bool derives_mask);

/// Seconds a piece; NaN where it is not known.
WorkAmounts unknown_speeds();

/// The seconds that work of so much takes; nothing where a speed is missing.
std::optional<double> seconds_of(const WorkAmounts& amounts, const WorkAmounts& speeds);

/// Knows how far a distillation is, measures the speed of what it does, and tells what time is left.
class WorkMeter {
 public:
  using Clock = std::chrono::steady_clock;

  WorkMeter() : speeds_(unknown_speeds()) {}

  /// All that there is to do.
  void plan(const WorkAmounts& amounts) { amounts_ = amounts; }

  /// Speeds that were measured otherwise; those that are known by now stay.
  void know(const WorkAmounts& speeds);

  /// So much of \p work is done by now; everything before it is.
  void report(Work work, double done, Clock::time_point now);

  /// Everything before \p work is done.
  void go_on_to(Work work);

  /// Nothing where a speed is not known yet.
  std::optional<double> seconds_left() const;

  /// Of what is left, by its pieces.
  WorkAmounts amounts_left() const;

  const WorkAmounts& speeds() const { return speeds_; }
  Work work() const { return work_; }

 private:
  WorkAmounts amounts_{};
  WorkAmounts speeds_;
  Work work_ = Work::mask_crops;
  double done_ = 0;
  double first_ = 0;  ///< done when the present work was first reported of
  Clock::time_point begun_{};
  bool is_reported_ = false;
};

}  // namespace tha4
