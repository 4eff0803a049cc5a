#pragma once

#include <string>
#include <vector>

#include "measurement.h"
#include "paper_figures.h"
#include <nlohmann/json_fwd.hpp>

#include "tha4/base/machine.h"

namespace tha4::app {

/// What was measured, and where.
struct BenchReport {
  MachineDescription machine;
  std::string device;
  std::string precision;
  std::string subject;  ///< whose networks, in words
  Timing timing;
  std::vector<SystemCost> systems;
  PaperFigures paper;
};

/// Tables for a terminal of 100 columns, the paper's figures beside ours.
std::string to_text(const BenchReport& report);

/// Everything, for programs.
nlohmann::json to_json(const BenchReport& report);

}  // namespace tha4::app
