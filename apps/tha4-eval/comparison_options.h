#pragma once

#include <string>

#include <CLI/CLI.hpp>
#include <c10/core/Device.h>
#include <nlohmann/json.hpp>

#include "tha4/evaluation/evaluation.h"

namespace tha4::app {

/// The options that say how pictures are compared, which all of the command's verbs take.
struct ComparisonOptions {
  std::string metrics;
  std::string lpips_backbone;
  std::string lpips_net = "alex";
  std::string background = "white";

  /// Adds --metrics, --lpips-backbone, --lpips-net and --background.
  void add_to(CLI::App& app);
};

/// Reads "white", "black" or "#rrggbb". Throws InputError.
SrgbColor parse_background(const std::string& text);

/// What the options ask for, on \p device. Throws InputError that says which file to get where LPIPS has no
/// backbone.
Evaluation make_evaluation(const ComparisonOptions& options, c10::Device device);

/// How the pictures were compared, in a sentence or two.
std::string describe(const Evaluation& evaluation, const ComparisonOptions& options);

/// The same for programs.
nlohmann::json to_json(const Evaluation& evaluation, const ComparisonOptions& options);

}  // namespace tha4::app
