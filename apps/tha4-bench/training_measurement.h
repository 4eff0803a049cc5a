#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "measurement.h"
#include <c10/core/Device.h>

#include "tha4/base/context.h"
#include "tha4/distributed/process_group.h"
#include "tha4/report/measure.h"
#include "tha4/teacher/teacher_config.h"

namespace tha4::app {

/// One phase of a teacher's training, of which steps are taken.
struct TrainingSubject {
  TeacherTrainingConfig config;   ///< with that phase alone; without a data source, pictures in memory
  std::filesystem::path vgg16;    ///< where the phase has a perceptual loss
  std::filesystem::path teacher;  ///< folder of the finished rotator, where the phase needs one
};

/// How many steps are taken.
struct StepCounts {
  int warm_up = 1;  ///< at least one
  int timed = 1;
  std::filesystem::path trace;  ///< where one more step is traced, by the first process; empty for none
};

/// What training costs.
struct TrainingCost {
  int batch = 1;                       ///< examples of a step, of all processes together
  std::vector<double> step_seconds;    ///< fewer than asked for where the user interrupted
  std::vector<NetworkSize> networks;   ///< that are trained
  std::int64_t flops = 0;              ///< of a step, of all processes, as FlopCounter counts; the mean of
                                       ///< the warm-up, since the perceptual loss draws what it looks at
  std::optional<std::int64_t> memory;  ///< most bytes that this process used, as PeakMemory
  double waiting_for_data = 0;         ///< fraction of the time
  std::vector<Measure> losses;         ///< of this process' last step

  double examples_per_second() const;
};

/// Takes whole steps (data to the device, forward, losses, backward, optimiser), each until the device is
/// done. Collective. When the user interrupts, ends with what has been timed by then.
TrainingCost measure_training(const TrainingSubject& subject, const StepCounts& steps, ProcessGroup& group,
                              c10::Device device, const Context& context);

}  // namespace tha4::app
