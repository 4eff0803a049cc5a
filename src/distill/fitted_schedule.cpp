#include "fitted_schedule.h"

#include <algorithm>
#include <cmath>

#include <spdlog/fmt/fmt.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/error.h"
#include "tha4/base/json_text.h"
#include "tha4/train/adam_fields.h"

namespace tha4 {
namespace {

constexpr const char* kScheduleName = "schedule.json";

constexpr double kMaxFactor = 1000;
/// Frames are kept in memory: a longer time is spent on steps, beyond this.
constexpr double kMaxFrames = 2;
/// Fraction of the time that pictures, checkpoints and pages take, and by which measured speeds may be wrong.
constexpr double kReserve = 0.06;

/// Fewest of each that are worth having; where the settings have fewer, those.
constexpr int kFewestMaskPoses = 16;
constexpr int kFewestHeldOut = 16;
constexpr int kFewestFrames = 48;

std::int64_t rounded(double value) {
  return static_cast<std::int64_t>(std::llround(std::min(value, static_cast<double>(kMaxExamples))));
}

/// Stretches what lies beyond \p seen.
class Stretch {
 public:
  Stretch(std::int64_t seen, double factor) : seen_(seen), factor_(factor) {}

  std::int64_t operator()(std::int64_t until) const {
    if (until <= seen_) return until;
    return std::max(seen_ + 1, seen_ + rounded(static_cast<double>(until - seen_) * factor_));
  }

  /// Likewise all examples of a training whose schedule has \p pieces pieces, each of which needs one.
  std::int64_t all(std::int64_t examples, std::int64_t pieces) const {
    return examples <= seen_ ? examples : std::max((*this)(examples), seen_ + pieces);
  }

  /// A warm-up does not get longer.
  std::int64_t warm_up(std::int64_t examples) const {
    if (examples <= seen_) return examples;
    return factor_ < 1 ? (*this)(examples) : examples;
  }

  /// The `until_examples` of a list still rise, and end with the training.
  template <class Piece>
  void pieces(std::vector<Piece>& list, std::int64_t examples) const {
    std::int64_t last = 0;
    std::int64_t places = std::ssize(list);
    for (Piece& piece : list) {
      --places;  // that the pieces after this one need
      piece.until_examples = std::max(last + 1, std::min((*this)(piece.until_examples), examples - places));
      last = piece.until_examples;
    }
    if (!list.empty()) list.back().until_examples = examples;
  }

 private:
  std::int64_t seen_;
  double factor_;
};

int fewer(int count, double factor, int fewest) {
  return std::max(std::min(count, fewest), static_cast<int>(std::lround(count * std::min(factor, 1.0))));
}

int more_or_fewer(int count, double factor, int fewest) {
  return std::max(std::min(count, fewest),
                  static_cast<int>(std::lround(count * std::min(factor, kMaxFrames))));
}

template <class Siren>
void stretch_siren(Siren& siren, const Stretch& stretch, std::int64_t pieces) {
  siren.examples = stretch.all(siren.examples, pieces);
  stretch.pieces(siren.learning_rate, siren.examples);
  siren.steps.warm_up_examples = stretch.warm_up(siren.steps.warm_up_examples);
  siren.steps.early_examples = stretch(siren.steps.early_examples);
}

void stretch_regression(RegressionConfig& regression, const Stretch& stretch) {
  regression.examples = stretch(regression.examples);
  regression.learning_rate.warm_up_examples = stretch.warm_up(regression.learning_rate.warm_up_examples);
}

void stretch_face(SirenFaceConfig& face, const RunPosition& at, const Stretch& stretch, double factor) {
  stretch_siren(face, stretch, std::ssize(face.learning_rate));
  if (at.work <= Work::face_crops) face.steps.frames = fewer(face.steps.frames, factor, kFewestFrames);
}

void stretch_face(BlendshapeFaceConfig& face, const RunPosition& at, const Stretch& stretch, double factor) {
  stretch_regression(face.regression, stretch);
  if (at.work <= Work::face_crops) {
    face.crops = more_or_fewer(face.crops, factor, std::max(kFewestFrames, 2 * face.basis_size));
  }
}

void stretch_body(SirenBodyConfig& body, const RunPosition& at, const Stretch& stretch, double factor) {
  stretch_siren(body, stretch, std::max(std::ssize(body.learning_rate), std::ssize(body.loss_phases)));
  stretch.pieces(body.loss_phases, body.examples);
  if (at.work <= Work::frames) body.steps.frames = fewer(body.steps.frames, factor, kFewestFrames);
}

void stretch_body(BlendshapeBodyConfig& body, const RunPosition& at, const Stretch& stretch, double factor) {
  // Tuning comes after the regression, and counts from there.
  const std::int64_t seen = at.work < Work::body_examples ? 0 : at.examples_seen;
  const Stretch tuning(std::max<std::int64_t>(0, seen - body.regression.examples), factor);
  FineTuningConfig& fine = body.fine_tuning;
  stretch_regression(body.regression, stretch);
  if (fine.examples > 0) fine.examples = tuning(fine.examples);
  for (CosineLearningRate* rate : {&fine.network_learning_rate, &fine.basis_learning_rate}) {
    rate->warm_up_examples = tuning.warm_up(rate->warm_up_examples);
  }
  if (at.work <= Work::frames) {
    body.frames = more_or_fewer(body.frames, factor, std::max(kFewestFrames, 2 * body.flow_basis_size));
  }
}

/// Those of the same training that are other work.
std::int64_t examples_before(const DistillConfig& config, const RunPosition& at) {
  const auto* body = std::get_if<BlendshapeBodyConfig>(&config.body_rotator);
  return at.work == Work::tuning_examples && body != nullptr ? body->regression.examples : 0;
}

std::string minutes_text(double seconds) {
  return fmt::format("{:.1f}", std::ceil(seconds / 6) / 10);
}

}  // namespace

DistillConfig stretched(const DistillConfig& config, const RunPosition& at, double factor) {
  DistillConfig fitted = config;
  if (at.work <= Work::mask_crops) fitted.mask_poses = fewer(config.mask_poses, factor, kFewestMaskPoses);
  if (at.work <= Work::face_examples) {
    const Stretch stretch(at.work == Work::face_examples ? at.examples_seen : 0, factor);
    std::visit([&](auto& face) { stretch_face(face, at, stretch, factor); }, fitted.face_morpher);
  }
  if (at.work <= Work::tuning_examples) {
    const Stretch stretch(at.work >= Work::body_examples ? at.examples_seen : 0, factor);
    std::visit([&](auto& body) { stretch_body(body, at, stretch, factor); }, fitted.body_rotator);
  }
  if (at.work <= Work::held_out) {
    fitted.held_out_poses = fewer(config.held_out_poses, factor, kFewestHeldOut);
  }
  return fitted;
}

DistillConfig fit_to_time(const DistillConfig& config, const RunPosition& at, bool derives_mask,
                          const WorkAmounts& speeds, double seconds, double seconds_before) {
  const auto time_of = [&](double factor) {
    WorkMeter meter;
    meter.plan(amounts_of(stretched(config, at, factor), derives_mask));
    meter.know(speeds);
    meter.report(at.work, static_cast<double>(at.examples_seen - examples_before(config, at)), {});
    const auto left = meter.seconds_left();
    if (!left) throw Error("the speed of a part of the work is not known");
    return *left * (1 + kReserve);
  };
  if (const double min_seconds = time_of(kMinScale); min_seconds > seconds) {
    throw InputError(
        seconds_before > 0
            ? fmt::format("the run took {} minutes by now, and what is left of it takes at least {} more on "
                          "this machine: {} in all",
                          minutes_text(seconds_before), minutes_text(min_seconds),
                          minutes_text(seconds_before + min_seconds))
            : fmt::format(
                  "with these settings a character takes at least {} minutes on this machine, for {:.0f} "
                  "% of their examples",
                  minutes_text(min_seconds), 100 * kMinScale));
  }
  // Time grows with the factor.
  double low = kMinScale, high = kMaxFactor;
  for (int i = 0; i < 60; ++i) {
    const double middle = std::sqrt(low * high);
    (time_of(middle) <= seconds ? low : high) = middle;
  }
  return stretched(config, at, low);
}

std::optional<FittedSchedule> read_schedule(const std::filesystem::path& folder) {
  const auto file = folder / kScheduleName;
  if (!std::filesystem::exists(file)) return std::nullopt;
  const nlohmann::json json = read_json_file(file);
  if (!json.is_object() || !json.contains("minutes") || !json["minutes"].is_number() ||
      !json.contains("settings")) {
    throw InputError(file.string() + " is not the schedule of a distillation");
  }
  return FittedSchedule{json["minutes"].get<double>(), parse_distill_config(json["settings"], file.string())};
}

void write_schedule(const std::filesystem::path& folder, const FittedSchedule& schedule) {
  const nlohmann::json json = {{"minutes", schedule.minutes}, {"settings", to_json(schedule.config)}};
  write_text_file(folder / kScheduleName, json_text(json, 2) + "\n");
}

}  // namespace tha4
