#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/base/context.h"
#include "tha4/distributed/process_group.h"
#include "tha4/report/chart.h"
#include "tha4/report/event_writer.h"
#include "tha4/train/fitting.h"
#include "tha4/train/run_folder.h"
#include "tha4/weights/checkpoint.h"

namespace tha4 {

/// The course of one fitting, for charts: its losses over the examples seen.
struct FittingCurves {
  std::string fitting;
  std::vector<ChartSeries> losses;
};

/// Runs the fittings of a run folder one after the other: progress, event files, sample pictures,
/// checkpoints by the clock, interruption, and continuing where an earlier process stopped. Of a group of
/// processes, all run the same loop, and the first one writes.
class FittingLoop {
 public:
  struct Options {
    double checkpoint_seconds = 60;
    int samples = 8;                       ///< sample pictures of each fitting
    int curve_points = 200;                ///< of each fitting
    int validations = 0;                   ///< of each fitting
    std::chrono::duration<double> time{};  ///< after which a fitting is ended where it stands; 0: never
  };

  /// \param run     null in all processes of a group but the first
  /// \param folder  that of the run, in every process
  /// \param resume  go on from the latest checkpoint of the run, if there is one
  /// \param group   must outlive the loop
  FittingLoop(const RunFolder* run, std::filesystem::path folder, const Options& options, bool resume,
              ProcessGroup& group, const Context& context = {});

  /// What a fitting that was finished before the run was interrupted has left; nothing if it was not.
  std::optional<StateDict> finished_network(const std::string& fitting) const;

  /// The last scores, as FittingParts::validate() gives them, of a fitting that is finished by now.
  std::vector<Measure> finished_scores(const std::string& fitting) const;

  /// Runs \p fitting to its end, from where it was interrupted if it was, or as long as the options say.
  /// Throws InterruptedError after a checkpoint where the context asks for a stop, and Error when a loss
  /// or a weight is no longer finite; the last checkpoint before that is kept.
  /// \return examples seen: fewer than all where the time was over, after a checkpoint
  std::int64_t run(Fitting& fitting);

  /// The last scores, as FittingParts::validate() gives them, of the fitting that run() was last called with.
  const std::vector<Measure>& last_scores() const { return last_scores_; }

  const std::vector<FittingCurves>& curves() const { return curves_; }

  /// Of the first process alone.
  EventWriter& events() { return *events_; }

 private:
  class LossAverage;

  void read_checkpoint_of(const std::filesystem::path& folder);
  std::int64_t restore(Fitting& fitting);
  /// Collective.
  void write(const Fitting& fitting, std::int64_t examples_seen, bool finished);
  void write_file(const Fitting& fitting, const FittingState& state, std::int64_t examples_seen,
                  bool finished, const std::vector<std::string>& data_states);
  /// Returns the means since the last point, the total loss first, and the measures of the fitting.
  /// Collective.
  std::vector<Measure> add_curve_point(FittingCurves& curves, Fitting& fitting, std::int64_t examples_seen,
                                       LossAverage& average);
  void add_events(const std::string& fitting, const std::vector<Measure>& measures,
                  std::int64_t examples_seen);
  /// Collective.
  std::vector<Measure> validate(Fitting& fitting, std::int64_t examples_seen);
  void log_course(const std::string& fitting, std::int64_t examples_seen, const std::string& course) const;
  void save_sample(Fitting& fitting, std::int64_t examples_seen);

  const RunFolder* run_;
  std::filesystem::path folder_;
  Options options_;
  ProcessGroup& group_;
  Context context_;
  std::optional<Checkpoint> checkpoint_;  ///< what the run is resumed from
  std::string checkpoint_name_;
  StateDict finished_;  ///< networks of finished fittings, "<fitting>.network.<key>"
  std::map<std::string, std::vector<Measure>> scores_;  ///< of finished fittings
  std::vector<Measure> last_scores_;
  std::vector<FittingCurves> curves_;
  std::int64_t examples_before_ = 0;  ///< of the fittings before the present one
  std::optional<EventWriter> events_;
};

}  // namespace tha4
