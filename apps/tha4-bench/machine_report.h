#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tha4/base/machine.h"

namespace tha4::app {

inline constexpr double kMebibyte = 1 << 20;
inline constexpr double kGibibyte = 1 << 30;

/// What was measured on, for a terminal: two lines.
std::string to_text(const MachineDescription& machine, const std::string& device);

/// The same for programs.
nlohmann::json to_json(const MachineDescription& machine, const std::string& device);

}  // namespace tha4::app
