#include "tha4/base/settings_help.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

namespace tha4 {
namespace {

constexpr std::size_t kLineWidth = 110;

std::string number_text(double value) {
  const double exponent = value > 0 ? std::round(std::log10(value)) : 0;
  if (exponent >= 6 && value == std::pow(10, exponent)) return fmt::format("1e{}", exponent);
  return fmt::format("{:.7g}", value);
}

/// \p text in lines, of which all but the first are indented.
std::string wrapped(std::string_view text) {
  std::string lines;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const bool fits = column + 1 + word.size() <= kLineWidth;
    if (column > 0) lines += fits ? " " : "\n  ";
    column = column == 0 ? word.size() : (fits ? column + 1 : 2) + word.size();
    lines += word;
  }
  return lines + "\n";
}

class HelpWriter {
 public:
  std::string write(const std::string& title, const std::vector<FieldHelp>& fields) {
    add_section({.title = title, .prefix = {}, .fields = fields});
    // Sections are found while others are written.
    for (std::size_t i = 0; i < sections_.size(); ++i) {
      const Section section = sections_[i];
      text_ += (i == 0 ? "## " : "\n### ") + section.title + "\n\n";
      add_rows(section.fields, section.prefix, "");
    }
    return text_;
  }

 private:
  struct Section {
    std::string title;
    std::string prefix;
    std::vector<FieldHelp> fields;
  };

  void add_section(Section section) {
    const bool is_there = std::any_of(sections_.begin(), sections_.end(),
                                      [&](const Section& other) { return other.title == section.title; });
    if (!is_there) sections_.push_back(std::move(section));
  }

  void add_rows(const std::vector<FieldHelp>& fields, const std::string& prefix,
                const std::string& condition) {
    for (const FieldHelp& field : fields) {
      const std::string& holds = field.condition.empty() ? condition : field.condition;
      if (field.key.empty()) {
        add_rows(field.parts, prefix, holds);
        continue;
      }
      const std::string key = prefix + field.key;
      add_row(field, key, holds);
      const bool is_list = field.values.starts_with("a list");
      if (field.section.empty()) {
        add_rows(field.parts, key + (is_list ? ".N." : "."), holds);
      } else {
        add_section({.title = field.section, .prefix = {}, .fields = field.parts});
      }
      for (const FieldHelp& kind : field.kinds) {
        add_section({.title = key + " of the kind " + kind.key, .prefix = key + ".", .fields = kind.parts});
      }
    }
  }

  void add_row(const FieldHelp& field, const std::string& key, const std::string& condition) {
    std::string facts = field.values;
    if (!field.section.empty()) facts += ", see \"" + field.section + "\"";
    if (!field.fallback.empty()) facts += "; " + field.fallback;
    if (!condition.empty()) facts += "; " + condition;
    text_ += wrapped("- `" + key + "` (" + facts + "): " + field.meaning);
  }

  std::string text_;
  std::vector<Section> sections_;
};

}  // namespace

std::string settings_help(const std::string& title, const std::vector<FieldHelp>& fields) {
  return HelpWriter().write(title, fields);
}

std::string range_text(double min, double max) {
  return number_text(min) + " to " + number_text(max);
}

std::string default_text(const nlohmann::json& value) {
  if (value.is_object()) return "may be left out";
  if (value.is_array() && value.empty()) return "none if left out";
  return (value.is_number() ? number_text(value.get<double>()) : value.dump()) + " if left out";
}

std::string alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 < names.size() ? ", " : " or ";
    text += names[i];
  }
  return text;
}

}  // namespace tha4
