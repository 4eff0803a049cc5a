#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Kinds: what a choice of choices.json chooses between, such as the shapes of eyes. Every family of kinds is
// a table in the file of its painters: rows of a name, the function that paints it, and numbers. To add a
// kind, write its function, its row, and its line in data/generator/choices.json; to add a family, also a row
// of choice_lists().

namespace tha4::generator {

/// The names of a family's kinds, and what one of them is called in messages: "eye shape".
struct KindNames {
  std::string what;
  std::vector<std::string> names;
};

/// "'almnd' is no eye shape; did you mean 'almond'?"
std::string unknown_kind(const KindNames& known, std::string_view name);

/// Throws Error with unknown_kind().
[[noreturn]] void throw_unknown_kind(const KindNames& known, std::string_view name);

/// The table of one family. Rows are aggregates that begin with a `name`, which is their own in the table.
template <class Row>
struct Kinds {
  std::string_view what;
  std::span<const Row> rows;

  [[nodiscard]] KindNames names() const {
    KindNames result{std::string(what), {}};
    for (const Row& row : rows) result.names.emplace_back(row.name);
    return result;
  }

  /// The row of that \p name. Throws Error, with the nearest name, if there is none.
  [[nodiscard]] const Row& named(std::string_view name) const {
    for (const Row& row : rows) {
      if (row.name == name) return row;
    }
    throw_unknown_kind(names(), name);
  }
};

/// The rows of \p parts, one after the other: of a family whose painters are in several files.
template <class Row>
std::vector<Row> joined_rows(std::initializer_list<std::span<const Row>> parts) {
  std::vector<Row> rows;
  for (const std::span<const Row> part : parts) rows.insert(rows.end(), part.begin(), part.end());
  return rows;
}

}  // namespace tha4::generator
