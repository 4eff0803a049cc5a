#include "tha4/report/text_table.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace tha4 {

std::size_t TextTable::width_of(std::size_t column) const {
  std::size_t width = 0;
  bool has_values = false;
  for (const auto& line : lines_) {
    width = std::max(width, line.at(column).size());
    has_values = has_values || (&line != &lines_.front() && line.at(column) != kNoValue);
  }
  return has_values ? width : 0;
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < lines_.front().size(); ++column) widths.push_back(width_of(column));
  std::string text;
  for (const auto& line : lines_) {
    text += fmt::format("{:<{}}", line[0], widths[0]);
    for (std::size_t column = 1; column < widths.size(); ++column) {
      if (widths[column] > 0) text += fmt::format("  {:>{}}", line[column], widths[column]);
    }
    text += "\n";
  }
  return text;
}

}  // namespace tha4
