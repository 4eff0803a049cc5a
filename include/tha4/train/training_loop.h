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
#include "tha4/train/run_folder.h"
#include "tha4/train/training.h"
#include "tha4/weights/checkpoint.h"

namespace tha4 {

/// The course of one training, for charts: its losses over the examples seen.
struct TrainingCurves {
  std::string training;
  std::vector<ChartSeries> losses;
};

/// Runs the trainings of a run folder one after the other: progress, event files, sample pictures,
/// checkpoints by the clock, interruption, and continuing where an earlier process stopped. Of a group of
/// processes, all run the same loop, and the first one writes.
class TrainingLoop {
 public:
  struct Options {
    double checkpoint_seconds = 60;
    int samples = 8;                       ///< sample pictures of each training
    int curve_points = 200;                ///< of each training
    int validations = 0;                   ///< of each training
    std::chrono::duration<double> time{};  ///< after which a training is ended where it stands; 0: never
  };

  /// \param run     null in all processes of a group but the first
  /// \param folder  that of the run, in every process
  /// \param resume  go on from the latest checkpoint of the run, if there is one
  /// \param group   must outlive the loop
  TrainingLoop(const RunFolder* run, std::filesystem::path folder, const Options& options, bool resume,
               ProcessGroup& group, const Context& context = {});

  /// What a training that was finished before the run was interrupted has left; nothing if it was not.
  std::optional<StateDict> finished_network(const std::string& training) const;

  /// Examples that \p training had seen where an earlier process stopped in its midst; otherwise 0.
  std::int64_t interrupted_after(const std::string& training) const;

  /// The last scores, as TrainingParts::validate() gives them, of a training that is finished by now.
  std::vector<Measure> finished_scores(const std::string& training) const;

  /// Runs \p training to its end, from where it was interrupted if it was, or as long as the options say.
  /// Throws InterruptedError after a checkpoint where the context asks for a stop, and Error when a loss or a
  /// weight is no longer finite; the last checkpoint before that is kept.
  /// \return examples seen: fewer than all where the time was over, after a checkpoint
  std::int64_t run(Training& training);

  /// The last scores, as TrainingParts::validate() gives them, of what run() was last called with.
  const std::vector<Measure>& last_scores() const { return last_scores_; }

  const std::vector<TrainingCurves>& curves() const { return curves_; }

  /// Of the first process alone.
  EventWriter& events() { return *events_; }

 private:
  class LossAverage;

  void read_checkpoint_of(const std::filesystem::path& folder);
  std::int64_t restore(Training& training);
  /// Collective.
  void write(const Training& training, std::int64_t examples_seen, bool finished);
  void write_file(const Training& training, const TrainingState& state, std::int64_t examples_seen,
                  bool finished, const std::vector<std::string>& data_states);
  /// Returns the means since the last point, the total loss first, and the measures of the training.
  /// Collective.
  std::vector<Measure> add_curve_point(TrainingCurves& curves, Training& training, std::int64_t examples_seen,
                                       LossAverage& average);
  void add_events(const std::string& training, const std::vector<Measure>& measures,
                  std::int64_t examples_seen);
  /// Collective.
  std::vector<Measure> validate(Training& training, std::int64_t examples_seen);
  void log_course(const std::string& training, std::int64_t examples_seen, const std::string& course) const;
  void save_sample(Training& training, std::int64_t examples_seen);

  const RunFolder* run_;
  std::filesystem::path folder_;
  Options options_;
  ProcessGroup& group_;
  Context context_;
  std::optional<Checkpoint> checkpoint_;  ///< what the run is resumed from
  std::string checkpoint_name_;
  StateDict finished_;  ///< networks of finished trainings, "<training>.network.<key>"
  std::map<std::string, std::vector<Measure>> scores_;  ///< of finished trainings
  std::vector<Measure> last_scores_;
  std::vector<TrainingCurves> curves_;
  std::int64_t examples_before_ = 0;  ///< of the trainings before the present one
  std::optional<EventWriter> events_;
};

}  // namespace tha4
