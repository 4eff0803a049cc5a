#include "tha4/train/run_log.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>

#include "tha4/base/error.h"

namespace tha4 {

namespace {

/// Gives the caller's logger what it wants to hear; what is quiet there is still kept of the run.
class OuterLog final : public spdlog::sinks::sink {
 public:
  explicit OuterLog(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}
  void log(const spdlog::details::log_msg& message) override {
    if (!logger_->should_log(message.level)) return;
    for (const spdlog::sink_ptr& one : logger_->sinks()) {
      if (one->should_log(message.level)) one->log(message);
    }
  }
  void flush() override {
    for (const spdlog::sink_ptr& one : logger_->sinks()) one->flush();
  }
  void set_pattern(const std::string&) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter>) override {}

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace

/// Files come and go while other threads log.
class RunLog::Files final : public spdlog::sinks::dist_sink_mt {};

// A logger of the run's own beside that of the caller, which is left as it is and may be used by others.
RunLog::RunLog(const Context& outer) : files_(std::make_shared<Files>()), context_(outer) {
  std::vector<spdlog::sink_ptr> sinks;
  if (outer.logger) sinks.push_back(std::make_shared<OuterLog>(outer.logger));
  sinks.push_back(files_);
  context_.logger = std::make_shared<spdlog::logger>("tha4", sinks.begin(), sinks.end());
  context_.logger->set_level(
      std::min(outer.logger ? outer.logger->level() : spdlog::level::info, spdlog::level::info));
  context_.logger->flush_on(spdlog::level::info);
}

RunLog::~RunLog() {
  files_->set_sinks({});
}

void RunLog::write_to(const std::filesystem::path& file) {
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string(), false);
    sink->set_pattern("%Y-%m-%d %H:%M:%S %l: %v");
    files_->add_sink(std::move(sink));
  } catch (const spdlog::spdlog_ex& error) {
    throw Error("cannot write the log file " + file.string() + ": " + error.what());
  }
}

}  // namespace tha4
