#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "distill_work.h"
#include "psnr_watch.h"
#include "run_page.h"
#include "run_times.h"
#include "student_so_far.h"

#include "tha4/base/context.h"
#include "tha4/distill/distiller.h"
#include "tha4/poser/poser.h"
#include "tha4/train/training_loop.h"

namespace tha4 {

/// Looks on at a distillation by the progress reports of its parts, of which it makes one line for the whole:
/// how far it is, the time left, the PSNR by now. From time to time it measures the student, and leaves
/// pictures (progress.png) and a page (report.html). What fails there is warned of, and stops nothing.
class DistillProgress {
 public:
  /// All of it must outlive this.
  /// \param minutes    that the run is fitted to; 0: to none
  /// \param processes  that share the work
  /// \param context    which is told
  DistillProgress(Poser& teacher, const DistillJob& job, const DistillConfig& config,
                  std::string teacher_name, double minutes, int processes, StudentSoFar& student,
                  RunTimes& times, const std::filesystem::path& folder, const Context& context);

  /// The context that the parts of the work report to.
  Context context();

  /// What is to be done, as of the present settings.
  void plan(bool derives_mask) { meter_.plan(amounts_of(config_, derives_mask)); }

  /// The mask is known, or not needed: the teacher's next face crops are those that a face learns from.
  void mask_is_done() { meter_.go_on_to(Work::face_crops); }
  /// A training begins, which had seen so many examples before.
  void begin(const Training& training, std::int64_t examples_seen);
  /// The network that \p work is about, and all before it, is done.
  void go_on_to(Work work) { meter_.go_on_to(work); }
  void show(const std::vector<TrainingCurves>& curves) { curves_ = &curves; }

  WorkMeter& meter() { return meter_; }
  const PsnrWatch& watch() const { return watch_; }
  /// Fraction of the whole time that is over, of 1; 0 where that is not known.
  double fraction() const { return fraction_; }

  /// Everything is done.
  void finish();
  /// Leaves a page that says why the run stopped, and what of the character can be played.
  void stop(const std::string& why, const std::string& playable);

 private:
  using Clock = std::chrono::steady_clock;

  void take(const ProgressReport& report);
  Work work_of(const ProgressReport& report) const;
  /// Measures and draws what is due.
  void look(Clock::time_point now);
  void measure();
  void draw();
  void tell(const ProgressReport& report, bool is_over);
  RunState state() const;

  Poser& teacher_;
  const DistillConfig& config_;
  DistillPace pace_;
  std::string teacher_name_;
  double minutes_;
  int processes_;
  StudentSoFar& student_;
  RunTimes& times_;
  std::filesystem::path folder_;
  Context outer_;
  WorkMeter meter_;
  PsnrWatch watch_;
  const std::vector<TrainingCurves>* curves_ = nullptr;
  std::string training_;  ///< the name of the present one
  std::int64_t examples_ = 0;
  std::string doing_;
  double fraction_ = 0;
  bool is_probed_ = false;
  bool is_looking_ = false;
  bool has_failed_ = false;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point told_{}, measured_{}, drawn_{};
  Clock::duration measure_pause_, draw_pause_;  ///< until the next time
};

}  // namespace tha4
