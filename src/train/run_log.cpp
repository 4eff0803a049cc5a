#include "tha4/train/run_log.h"

#include <vector>

#include <spdlog/logger.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/dist_sink.h>

#include "tha4/base/error.h"

namespace tha4 {

/// Files come and go while other threads log.
class RunLog::Files final : public spdlog::sinks::dist_sink_mt {};

// A logger of the run's own beside that of the caller, which is left as it is and may be used by others.
RunLog::RunLog(const Context& outer) : files_(std::make_shared<Files>()), context_(outer) {
  std::vector<spdlog::sink_ptr> sinks;
  if (outer.logger) sinks = outer.logger->sinks();
  sinks.push_back(files_);
  context_.logger = std::make_shared<spdlog::logger>("tha4", sinks.begin(), sinks.end());
  context_.logger->set_level(outer.logger ? outer.logger->level() : spdlog::level::info);
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
