#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace tha4 {

/// What a key of a configuration is, for people.
struct FieldHelp {
  std::string key = {};        ///< empty: the parts stand beside it, in the same object
  std::string values = {};     ///< "0 to 1", "natural or uniform"
  std::string meaning = {};    ///< one sentence, with the unit
  std::string fallback = {};   ///< what holds where the key is left out; empty: it must be there
  std::string condition = {};  ///< where there is such a key; empty: everywhere
  std::string section = {};    ///< where the parts are told once for all keys that have them; empty: here
  std::vector<FieldHelp> parts = {};  ///< of the object, or of each object of the list
  std::vector<FieldHelp> kinds = {};  ///< of an object of several kinds: the name of each, and its parts

  bool operator==(const FieldHelp&) const = default;
};

/// All keys with what they may be and what they mean, as Markdown that also reads well in a terminal: a list
/// for \p title, then one for each kind and each section.
std::string settings_help(const std::string& title, const std::vector<FieldHelp>& fields);

/// "0 to 1".
std::string range_text(double min, double max);

/// What holds where a key is left out that usually is \p value.
std::string default_text(const nlohmann::json& value);

/// "a, b or c".
std::string alternatives(const std::vector<std::string>& names);

}  // namespace tha4
