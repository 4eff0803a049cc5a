#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace tha4 {

/// Where two settings differ.
struct SettingsDifference {
  std::string key;     ///< with the keys that lead to it: "phases.1.examples"
  std::string stored;  ///< its value as JSON in one line, cut when long; "missing" where there is none
  std::string present;
};

/// The first key at which \p stored settings are other than the \p present ones; keys that only these have
/// come last. Numbers are compared by value: 8 is 8.0.
std::optional<SettingsDifference> first_difference(const nlohmann::json& stored,
                                                   const nlohmann::json& present);

}  // namespace tha4
