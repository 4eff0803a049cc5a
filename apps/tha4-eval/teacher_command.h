#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "comparison_options.h"
#include "evaluation_report.h"
#include <c10/core/Device.h>

#include "tha4/engine/engine.h"
#include "tha4/evaluation/teacher_part.h"
#include "tha4/nn/teacher/teacher_architecture.h"

namespace tha4::app {

struct TeacherOptions {
  std::string teacher;
  std::optional<Architecture> architecture;  ///< that of the files where it is not given
  std::optional<Precision> precision;  ///< where it is not given, fp32, or what the engine takes on a GPU
  std::optional<Engine> engine;        ///< fused where it can be if it is not given
  TeacherPart part = TeacherPart::frame;
  std::string data;
  std::string split = "test";
  double test_fraction = 0.1;
  std::uint64_t images = 0;
  int batch = 1;
  ComparisonOptions comparison;
  ReportFiles files;
};

/// tha4-eval teacher: compares the frames of a teacher with the posed images of a test set, shared among the
/// processes that a launcher has started. Returns the exit status.
int evaluate_teacher(const TeacherOptions& options, c10::Device device, const Context& terminal);

}  // namespace tha4::app
