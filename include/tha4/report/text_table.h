#pragma once

#include <string>
#include <vector>

namespace tha4 {

/// A cell without a value.
inline constexpr const char* kNoValue = "-";

/// Lines of text under headings: the first column to the left, the others to the right, each as wide as what
/// stands in it. Columns in which there is nothing but dashes are left out.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings) : lines_{std::move(headings)} {}

  /// \param cells  as many as there are headings; kNoValue where there is none
  void add(std::vector<std::string> cells) { lines_.push_back(std::move(cells)); }

  bool is_empty() const { return lines_.size() == 1; }

  std::string text() const;

 private:
  /// The width that the column \p column needs; 0 where it is left out.
  std::size_t width_of(std::size_t column) const;

  std::vector<std::vector<std::string>> lines_;
};

}  // namespace tha4
