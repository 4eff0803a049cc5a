#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command_line.h"
#include <CLI/CLI.hpp>
#include <c10/core/Device.h>

#include "tha4/opening/open_poser.h"

namespace tha4::app {

/// tha4-bench distill.
struct DistillBenchOptions {
  std::string config;
  std::string preset;   ///< quick on a CPU, else fast, where empty
  PoserChoice teacher;  ///< without a name: a stand-in
  std::optional<int> steps;
  std::optional<int> warm_up;
  std::optional<int> frames;
  bool layers = false;  ///< LibTorch's as well
  std::vector<std::string> overrides;
  JsonOutput json;
};

CLI::App* add_distill_command(CLI::App& app, DistillBenchOptions& options);

/// Measures the parts of a distillation. Returns the exit status.
int bench_distillation(const DistillBenchOptions& options, c10::Device device, const Context& context);

}  // namespace tha4::app
