#pragma once

#include <string>

#include "distill_measurement.h"
#include <nlohmann/json_fwd.hpp>

#include "tha4/base/machine.h"

namespace tha4::app {

/// What was measured of a distillation, where, and of what.
struct DistillTimes {
  MachineDescription machine;
  std::string device;
  int processes = 1;
  std::string config;   ///< file
  std::string teacher;  ///< in words
  DistillSteps steps;
  DistillCost cost;
  bool is_whole = true;  ///< false where the user interrupted
};

/// For a terminal of 100 columns.
std::string to_text(const DistillTimes& times);

/// Everything, for programs.
nlohmann::json to_json(const DistillTimes& times);

}  // namespace tha4::app
