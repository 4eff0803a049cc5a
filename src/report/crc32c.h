#pragma once

#include <cstdint>
#include <string_view>

namespace tha4 {

/// The CRC-32C (Castagnoli) of \p bytes.
std::uint32_t crc32c(std::string_view bytes);

}  // namespace tha4
