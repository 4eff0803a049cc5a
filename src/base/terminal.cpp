#include "tha4/base/terminal.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "progress_line.h"
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"

namespace tha4 {
namespace {

spdlog::level::level_enum parse_log_level(std::string_view text) {
  static const std::array<std::string, 6> levels = {"trace", "debug", "info", "warning", "error", "off"};
  if (std::find(levels.begin(), levels.end(), text) == levels.end()) {
    throw ValueError(std::string(text) + " is not a level; did you mean '" + nearest_name(text, levels) +
                     "'? (trace, debug, info, warning, error, off)");
  }
  return spdlog::level::from_str(std::string(text));
}

/// Messages take the place of the progress line, which comes back below them.
class MessageSink final : public spdlog::sinks::stderr_color_sink_mt {
 public:
  explicit MessageSink(std::shared_ptr<ProgressLine> line) : line_(std::move(line)) {}

  void log(const spdlog::details::log_msg& message) override {
    line_->make_way();
    spdlog::sinks::stderr_color_sink_mt::log(message);
  }

 private:
  std::shared_ptr<ProgressLine> line_;
};

std::shared_ptr<spdlog::logger> make_logger(spdlog::level::level_enum level,
                                            const std::shared_ptr<ProgressLine>& line) {
  auto logger = std::make_shared<spdlog::logger>("tha4", std::make_shared<MessageSink>(line));
  logger->set_pattern("%^%l%$: %v");
  logger->set_level(level);
  return logger;
}

}  // namespace

Context terminal_context(const TerminalOptions& options) {
  Context context;
  const auto line = std::make_shared<ProgressLine>();
  context.logger = make_logger(parse_log_level(options.log_level), line);
  spdlog::set_default_logger(context.logger);
  if (options.shows_progress) {
    context.progress = [line](const ProgressReport& report) { line->show(report); };
  }
  context.stop = stop_on_signals();
  return context;
}

}  // namespace tha4
