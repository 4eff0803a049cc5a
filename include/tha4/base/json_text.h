#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace tha4 {

/// \p json, of any kind of nlohmann::basic_json, as text: in one line, or with \p indent characters
/// \p indent_character for each level. Names of files may hold bytes that are not UTF-8: each becomes U+FFFD,
/// the replacement character.
template <class Json>
std::string json_text(const Json& json, int indent = -1, char indent_character = ' ') {
  return json.dump(indent, indent_character, /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace tha4
