#pragma once

#include <cstdint>

#include "tha4/base/settings.h"
#include "tha4/train/learning_rate.h"

namespace tha4 {

/// The most examples that a configuration may ask for.
inline constexpr std::int64_t kMaxExamples = 1'000'000'000'000;

/// Adam's constants, as all configurations say them.
const Fields<AdamConfig>& adam_fields();

}  // namespace tha4
