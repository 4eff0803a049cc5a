#pragma once

#include <cstdint>
#include <string>

#include "comparison_options.h"
#include "evaluation_report.h"
#include <c10/core/Device.h>

#include "tha4/opening/open_poser.h"

namespace tha4::app {

struct StudentOptions {
  std::string character;
  PoserChoice teacher;
  std::optional<Precision> precision;  ///< fp32 where it is not given
  int poses = 1000;                    ///< paper, section 5.3
  std::uint64_t seed = 1000;           ///< of no poses that the presets of configs/distill train on
  std::string pose_file;
  int batch = 1;
  ComparisonOptions comparison;
  ReportFiles files;
};

/// tha4-eval student: compares a character with its teacher at fixed poses.
void evaluate_student(const StudentOptions& options, c10::Device device, const Context& context);

}  // namespace tha4::app
