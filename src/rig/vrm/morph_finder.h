#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tha4/rig/rig.h"

namespace tha4 {

/// After names that part_names_by_expressions() parts.
constexpr std::string_view kOfMesh = " of mesh ";

/// Whether two names of at least five characters are the same but for the ways in which programs spell them:
/// capitals, what stands between words, and sides in full or as a last letter. "eyeBlink_L", "Eye Blink Left"
/// and "eye_blink.l" are.
bool is_same_long_name(std::string_view a, std::string_view b);

/// The morphs of a rig, to be found by the names that a table has for them.
class MorphFinder {
 public:
  explicit MorphFinder(const Rig& rig);

  /// The morph that is called \p wanted, or, where that has at least five characters, something that ends in
  /// it after a dot or the like, or is spelt otherwise.
  std::optional<std::string> find(const std::string& wanted) const;

  /// \p morph, and what was called the same in other meshes.
  std::vector<std::string> all_called(const std::string& morph) const;

  bool has(const std::string& morph) const;

 private:
  std::optional<std::string> find_as_spelt(const std::string& name) const;

  std::map<std::string, std::string> names_;    ///< by lower case
  std::map<std::string, std::string> spelt_;    ///< by what all spellings have in common
  std::map<std::string, std::string> endings_;  ///< by the same of what stands behind a dot or the like
};

}  // namespace tha4
