#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include "tha4/base/context.h"
#include "tha4/distill/distill_config.h"
#include "tha4/distributed/batch_share.h"
#include "tha4/poser/poser.h"
#include "tha4/report/measure.h"

namespace tha4::app {

/// How much of a distillation is done.
struct DistillSteps {
  int warm_up = 1;  ///< steps of each training, at least one
  int timed = 1;
  int frames = 1;  ///< that a teacher makes for a SIREN, whose training asks for new ones in every step
  std::optional<int> kept_frames;  ///< and for a blendshape network; where not given, the configuration's
  bool layers = false;  ///< whether LibTorch's layers are measured beside kernels of the project's own, step
                        ///< by step in turn
};

/// What a teacher's part costs: face crops or frames, as the distiller asks for them.
struct TeacherCost {
  std::string output;       ///< "face crops" or "frames"
  int batch = 1;            ///< poses of a call
  std::int64_t count = 0;   ///< made
  std::int64_t needed = 0;  ///< by the whole distillation beforehand; 0 where steps ask for their own
  double seconds = 0;

  double per_second() const { return static_cast<double>(count) / seconds; }
};

/// What one stage of the training of a network costs.
struct StageCost {
  std::string title;                 ///< the network, and the stage where there are several
  std::int64_t batch = 1;            ///< examples of a step
  std::int64_t examples = 0;         ///< of the whole schedule; 0 of what is measured for comparison alone
  std::int64_t weights = 0;          ///< values of the network, its bases included
  double set_up_seconds = 0;         ///< of a network's first stage: what is done once, such as finding bases
  std::vector<double> step_seconds;  ///< fewer than asked for where the user interrupted
  std::int64_t flops = 0;            ///< of a step, as FlopCounter counts, the teacher's included; 0: unknown
  std::optional<std::int64_t> memory;  ///< most bytes that it used, as PeakMemory; the data included
  std::vector<Measure> losses;         ///< of the last step

  double examples_per_second() const;
};

struct DistillCost {
  std::vector<TeacherCost> teacher;
  std::vector<StageCost> stages;

  /// What frames, set-up and steps of the whole schedule take at these rates, without what the distiller does
  /// besides: face mask, samples, held-out poses. Of at least one step of each training.
  double seconds_of_all() const;
};

/// Makes a teacher's face crops and frames as the distillation \p config would, and takes whole steps of both
/// trainings, each until the device is done. When the user interrupts, ends with what has been timed by then.
/// \param share  of several processes, all of which call it, each with a teacher on a device of its own; a
///               step's time is that of this process, which waits for others within it
DistillCost measure_distillation(Poser& teacher, const DistillConfig& config, const DistillSteps& steps,
                                 const BatchShare& share, const Context& context);

}  // namespace tha4::app
