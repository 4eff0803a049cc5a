#pragma once

#include <string>

#include "training_measurement.h"
#include <nlohmann/json_fwd.hpp>

#include "tha4/base/machine.h"

namespace tha4::app {

/// What was measured of training, where, and of what.
struct TrainingReport {
  MachineDescription machine;
  std::string device;
  int processes = 1;
  std::string config;  ///< file
  int phase = 1;       ///< counted from 1
  std::string data;    ///< in words
  std::string vgg16;   ///< whose weights, in words; empty where the phase does without
  TeacherTrainingConfig settings;
  StepCounts steps;
  TrainingCost cost;
};

/// For a terminal of 100 columns.
std::string to_text(const TrainingReport& report);

/// Everything, for programs.
nlohmann::json to_json(const TrainingReport& report);

}  // namespace tha4::app
