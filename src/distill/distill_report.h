#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include "tha4/evaluation/held_out.h"
#include "tha4/train/fitting_loop.h"

namespace tha4 {

/// How long one part of the work took in this process.
struct DistillTime {
  std::string work;
  double seconds;
};

/// All that the report of a distillation shows.
struct DistillReport {
  std::string teacher;
  std::string face_morpher_kind;
  std::string body_rotator_kind;
  bool is_official = false;
  HeldOutScore score;
  std::vector<HeldOutFrame> frames;
  std::vector<FittingCurves> curves;
  std::vector<DistillTime> times;
  at::Tensor mask;
  nlohmann::json settings;
};

/// Writes report.json and report.html into \p folder.
void write_report(const DistillReport& report, const std::filesystem::path& folder);

}  // namespace tha4
