#include "distill_progress.h"

#include <algorithm>
#include <utility>

#include "distill_probe.h"
#include "report_sections.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/duration_text.h"
#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/image/compositing.h"
#include "tha4/image/image_io.h"

namespace tha4 {
namespace {

constexpr const char* kWhat = "distilling";
constexpr std::int64_t kWhole = 10'000;
constexpr auto kTellPause = std::chrono::milliseconds(100);

/// Looking on may take so much of the time: one part in as many.
constexpr int kPausePerLook = 30;

std::chrono::steady_clock::duration seconds_of(double seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
      std::chrono::duration<double>(std::min(seconds, 1e9)));
}

std::string name_of(StudentSoFar::Part part) {
  switch (part) {
    case StudentSoFar::Part::not_begun:
      return "not begun";
    case StudentSoFar::Part::under_way:
      return "under way";
    case StudentSoFar::Part::finished:
      return "finished";
  }
  return "";
}

bool is_training(Work work) {
  return work == Work::face_examples || work == Work::body_examples || work == Work::tuning_examples;
}

RgbaImage progress_sheet(const std::vector<HeldOutFrame>& frames) {
  std::vector<RgbaImage> images;
  ContactSheetOptions options{.columns = 3};
  for (const HeldOutFrame& frame : frames) {
    images.push_back(to_rgba_image(frame.teacher));
    images.push_back(to_rgba_image(frame.student));
    images.push_back(difference_image(frame.teacher, frame.student));
    options.labels.insert(options.labels.end(),
                          {"teacher", "student, " + decibels(frame.network_psnr) + " dB", "difference x4"});
  }
  return contact_sheet(images, options);
}

}  // namespace

DistillProgress::DistillProgress(Poser& teacher, const DistillJob& job, const DistillConfig& config,
                                 std::string teacher_name, double minutes, int processes,
                                 StudentSoFar& student, RunTimes& times, const std::filesystem::path& folder,
                                 const Context& context)
    : teacher_(teacher),
      config_(config),
      pace_(job.pace),
      teacher_name_(std::move(teacher_name)),
      minutes_(minutes),
      processes_(processes),
      student_(student),
      times_(times),
      folder_(folder),
      outer_(context),
      watch_(teacher, config, folder / "psnr.json", job.start == RunStart::resume),
      measure_pause_(seconds_of(pace_.pause_seconds)),
      draw_pause_(seconds_of(pace_.pause_seconds)) {}

Context DistillProgress::context() {
  Context context = outer_;
  context.progress = [this](const ProgressReport& report) { take(report); };
  return context;
}

void DistillProgress::begin(const Training& training, std::int64_t examples_seen) {
  training_ = training.name();
  examples_ = examples_seen;
  watch_.go_back(training_, examples_seen);
  student_.train(training);
}

Work DistillProgress::work_of(const ProgressReport& report) const {
  if (report.what == "face_morpher") return Work::face_examples;
  if (report.what == "body_rotator") {
    const auto* body = std::get_if<BlendshapeBodyConfig>(&config_.body_rotator);
    const bool is_tuning = body != nullptr && report.done >= body->regression.examples;
    return is_tuning ? Work::tuning_examples : Work::body_examples;
  }
  if (report.what == "teacher's face crops") return std::max(meter_.work(), Work::mask_crops);
  if (report.what == "teacher's frames") return Work::frames;
  if (report.what == "held-out poses") return Work::held_out;
  return std::max(meter_.work(), Work::preview);
}

void DistillProgress::take(const ProgressReport& report) {
  if (is_looking_) return;
  times_.keep();
  const auto now = Clock::now();
  const Work work = work_of(report);
  std::int64_t done = report.done;
  if (work == Work::tuning_examples) {
    done -= std::get<BlendshapeBodyConfig>(config_.body_rotator).regression.examples;
  }
  meter_.report(work, static_cast<double>(done), now);
  doing_ = fmt::format("{} {}/{}", report.what, report.done, report.total);
  if (is_training(work)) {
    examples_ = report.done;
    if (report.done > 0) student_.step_taken();
  }
  is_looking_ = true;
  try {
    if (!has_failed_ && !report.is_over && !outer_.stop.stop_requested()) look(now);
  } catch (const std::exception& error) {
    has_failed_ = true;
    outer_.warn(std::string("no more pictures while this runs: ") + as_error(error).what());
  }
  is_looking_ = false;
  tell(report, false);
}

void DistillProgress::look(Clock::time_point now) {
  const auto elapsed = now - begun_;
  if (!is_probed_ && elapsed >= seconds_of(pace_.probe_seconds)) {
    is_probed_ = true;
    if (!meter_.seconds_left())
      meter_.know(measure_speeds(teacher_, config_, processes_, meter_.work(), outer_));
  }
  if (elapsed < seconds_of(pace_.first_seconds)) return;
  const bool has_student = is_training(meter_.work()) && student_.face() != StudentSoFar::Part::not_begun;
  const bool is_measured = has_student && now - measured_ >= measure_pause_;
  const bool is_drawn = drawn_ == Clock::time_point{} || now - drawn_ >= draw_pause_ ||
                        (is_measured && measured_ == Clock::time_point{});
  if (is_measured) measure();
  if (is_drawn) draw();
}

void DistillProgress::measure() {
  watch_.ask_teacher();  // once, which does not count below
  const auto start = Clock::now();
  watch_.measure(student_, training_, examples_);
  measured_ = Clock::now();
  measure_pause_ = std::max(seconds_of(pace_.pause_seconds), kPausePerLook * (measured_ - start));
}

void DistillProgress::draw() {
  const auto start = Clock::now();
  static const std::vector<TrainingCurves> none;
  tell({}, false);
  if (!watch_.frames().empty()) write_image(folder_ / "progress.png", progress_sheet(watch_.frames()));
  write_run_page(state(), watch_, curves_ != nullptr ? *curves_ : none, config_, folder_);
  drawn_ = Clock::now();
  draw_pause_ = std::max(seconds_of(std::clamp(config_.checkpoint_seconds, pace_.pause_seconds, 30.0)),
                         kPausePerLook * (drawn_ - start));
}

RunState DistillProgress::state() const {
  return {.teacher = teacher_name_,
          .doing = doing_,
          .fraction = fraction_,
          .seconds = times_.in_all(),
          .seconds_left = meter_.seconds_left(),
          .minutes = minutes_,
          .face = name_of(student_.face()),
          .body = name_of(student_.body())};
}

void DistillProgress::tell(const ProgressReport& report, bool is_over) {
  const auto left = meter_.seconds_left();
  // It never goes back, whatever an estimate says.
  const double all = times_.in_all() + left.value_or(0);
  if (left && all > 0) fraction_ = std::max(fraction_, std::min(0.999, times_.in_all() / all));
  const auto now = Clock::now();
  if (!outer_.progress || (!is_over && (report.what.empty() || now - told_ < kTellPause))) return;
  told_ = now;
  std::string note = left ? duration_text(*left) + " left, " + doing_ : doing_;
  if (watch_.last()) {
    note += fmt::format(", {}{} dB (rest image {})", watch_.is_of_face() ? "face " : "",
                        decibels(watch_.last()->network), decibels(watch_.rest().network));
  }
  if (!report.note.empty()) note += fmt::format(", {}", report.note);
  outer_.progress({.what = kWhat,
                   .done = static_cast<std::int64_t>(fraction_ * static_cast<double>(kWhole)),
                   .total = kWhole,
                   .unit = "%",
                   .note = note,
                   .is_over = is_over});
}

void DistillProgress::finish() {
  fraction_ = 1;
  if (outer_.progress) {
    outer_.progress(
        {.what = kWhat, .done = kWhole, .total = kWhole, .unit = "%", .note = "", .is_over = true});
  }
  std::error_code ignored;
  std::filesystem::remove(folder_ / "progress.png", ignored);
}

void DistillProgress::stop(const std::string& why, const std::string& playable) {
  tell({}, true);
  RunState state = this->state();
  state.is_running = false;
  state.stopped = why;
  state.playable = playable;
  static const std::vector<TrainingCurves> none;
  write_run_page(state, watch_, curves_ != nullptr ? *curves_ : none, config_, folder_);
}

}  // namespace tha4
