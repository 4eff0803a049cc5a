#include "tha4/base/log.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"

namespace tha4 {

void set_up_logging(std::string_view level) {
  static const std::array<std::string, 6> levels = {"trace", "debug", "info", "warning", "error", "off"};
  if (std::find(levels.begin(), levels.end(), level) == levels.end()) {
    throw InputError("--log-level " + std::string(level) + " is not a level; did you mean '" +
                     nearest_name(level, levels) + "'? (trace, debug, info, warning, error, off)");
  }
  auto logger =
      std::make_shared<spdlog::logger>("tha4", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_pattern("%^%l%$: %v");
  logger->set_level(spdlog::level::from_str(std::string(level)));
  spdlog::set_default_logger(logger);
}

void add_log_file(const std::filesystem::path& file) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string(), false);
    sink->set_pattern("%Y-%m-%d %H:%M:%S %l: %v");
    spdlog::default_logger()->sinks().push_back(std::move(sink));
    spdlog::default_logger()->flush_on(spdlog::level::info);
  } catch (const spdlog::spdlog_ex& error) {
    throw Error("cannot write the log file " + file.string() + ": " + error.what());
  }
}

}  // namespace tha4
