#include "tha4/base/context.h"

#include <spdlog/logger.h>

namespace tha4 {

void Context::info(const std::string& text) const {
  if (logger) logger->info(text);
}

void Context::warn(const std::string& text) const {
  if (logger) logger->warn(text);
}

}  // namespace tha4
