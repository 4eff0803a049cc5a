#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "psnr_watch.h"
#include <ATen/core/Tensor.h>

#include "tha4/distill/distiller.h"
#include "tha4/evaluation/held_out.h"
#include "tha4/train/training_loop.h"

namespace tha4 {

/// How long one part of the work took, in all processes that worked at it.
struct DistillTime {
  std::string work;
  double seconds;
};

/// All that the report of a distillation shows.
struct DistillReport {
  const std::string& teacher;
  const DistillConfig& config;  ///< as fitted to the time
  double minutes;               ///< that it was fitted to; 0: to none
  const DistillResult& result;
  const PsnrWatch& watch;
  HeldOutResult held_out = {};
  std::vector<TrainingCurves> curves = {};
  std::vector<DistillTime> times = {};
  at::Tensor mask = {};
  std::optional<std::int64_t> gpu_bytes = {};  ///< that LibTorch took of the GPU, at most
};

/// Writes report.json and report.html into \p folder.
void write_report(const DistillReport& report, const std::filesystem::path& folder);

}  // namespace tha4
