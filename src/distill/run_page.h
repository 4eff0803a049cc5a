#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "psnr_watch.h"

#include "tha4/train/training_loop.h"

namespace tha4 {

/// What a run that has not ended tells of itself.
struct RunState {
  std::string teacher;
  std::string doing;    ///< "body_rotator: 512000 of 3200000 examples"
  double fraction = 0;  ///< of its time, that is over
  double seconds = 0;   ///< that it took so far
  std::optional<double> seconds_left;
  double minutes = 0;      ///< that it was fitted to; 0: to none
  bool is_running = true;  ///< false: it was stopped
  std::string stopped{};   ///< where it is not running, why
  std::string face;        ///< how far the networks are: "finished", "under way" or "not begun"
  std::string body;
  std::string playable{};  ///< what of the character there is to play, in a sentence, where it was stopped
};

/// Writes report.html: how far the run is, its newest pictures and its curves. While it runs, the page has
/// itself loaded anew. Where it was stopped, report.json says so, too.
void write_run_page(const RunState& state, const PsnrWatch& watch, const std::vector<TrainingCurves>& curves,
                    const DistillConfig& config, const std::filesystem::path& folder);

}  // namespace tha4
