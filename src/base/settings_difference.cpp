#include "tha4/base/settings_difference.h"

namespace tha4 {
namespace {

std::string value_text(const nlohmann::json* value) {
  constexpr std::size_t kLongest = 60;
  if (value == nullptr) return "missing";
  const std::string text = value->dump(-1, ' ', /*ensure_ascii=*/true);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

std::optional<SettingsDifference> difference_at(const std::string& key, const nlohmann::json* stored,
                                                const nlohmann::json* present);

std::optional<SettingsDifference> difference_of_objects(const std::string& prefix,
                                                        const nlohmann::json& stored,
                                                        const nlohmann::json& present) {
  for (const auto& [name, value] : stored.items()) {
    const nlohmann::json* now = present.contains(name) ? &present.at(name) : nullptr;
    if (auto difference = difference_at(prefix + name, &value, now)) return difference;
  }
  for (const auto& [name, value] : present.items()) {
    if (!stored.contains(name)) return difference_at(prefix + name, nullptr, &value);
  }
  return std::nullopt;
}

std::optional<SettingsDifference> difference_at(const std::string& key, const nlohmann::json* stored,
                                                const nlohmann::json* present) {
  if (stored != nullptr && present != nullptr) {
    if (*stored == *present) return std::nullopt;
    const std::string prefix = key.empty() ? "" : key + ".";
    if (stored->is_object() && present->is_object()) return difference_of_objects(prefix, *stored, *present);
    if (stored->is_array() && present->is_array() && stored->size() == present->size()) {
      for (std::size_t i = 0; i < stored->size(); ++i) {
        const auto difference = difference_at(prefix + std::to_string(i), &stored->at(i), &present->at(i));
        if (difference) return difference;
      }
    }
  }
  return SettingsDifference{key, value_text(stored), value_text(present)};
}

}  // namespace

std::optional<SettingsDifference> first_difference(const nlohmann::json& stored,
                                                   const nlohmann::json& present) {
  return difference_at("", &stored, &present);
}

}  // namespace tha4
