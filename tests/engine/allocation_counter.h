#pragma once

#include <cstdint>

namespace tha4 {

/// How often memory was asked of operator new so far, by any thread of the process.
std::int64_t allocations_so_far();

}  // namespace tha4
