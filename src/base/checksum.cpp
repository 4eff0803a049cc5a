#include "tha4/base/checksum.h"

#include <spdlog/fmt/fmt.h>

namespace tha4 {

void Checksum::add(const void* data, std::size_t size) {
  const auto* const bytes = static_cast<const unsigned char*>(data);
  for (std::size_t i = 0; i < size; ++i) value_ = (value_ ^ bytes[i]) * 0x100000001b3U;
}

std::string Checksum::text() const {
  return fmt::format("{:016x}", value_);
}

}  // namespace tha4
