#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command_line.h"
#include <CLI/CLI.hpp>
#include <c10/core/Device.h>

namespace tha4::app {

/// tha4-bench train.
struct TrainOptions {
  std::string config;        ///< empty: the half-resolution rotator's of the scale small
  std::optional<int> phase;  ///< counted from 1
  std::optional<int> batch;  ///< of all processes together
  std::optional<Precision> precision;
  std::optional<int> steps;
  std::optional<int> warm_up;
  std::vector<std::string> overrides;
  std::string vgg16;
  std::string data = "none";
  JsonOutput json;
  std::string trace;
};

CLI::App* add_train_command(CLI::App& app, TrainOptions& options);

/// Measures steps of training, of all processes that a launcher has started together. Returns the exit
/// status.
int bench_training(const TrainOptions& options, c10::Device asked, const Context& terminal);

}  // namespace tha4::app
