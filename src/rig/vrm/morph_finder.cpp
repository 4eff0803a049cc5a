#include "morph_finder.h"

#include "tha4/base/lower_case.h"

namespace tha4 {
namespace {

using std::string;

constexpr std::size_t kShortestSuffix = 5;
constexpr std::string_view kSeparators = "._:/ -|()[]";

bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

/// The side that the last letter of \p name stands for: an L or R that is a word of its own. Empty if none.
string side_at_end(std::string_view name) {
  if (name.size() < 2) return {};
  const char last = name.back(), before = name[name.size() - 2];
  const bool is_word = kSeparators.find(before) != std::string_view::npos ||
                       ((last == 'L' || last == 'R') && is_small(before));
  if (!is_word) return {};
  if (last == 'L' || last == 'l') return "left";
  return last == 'R' || last == 'r' ? "right" : string{};
}

/// What all spellings of a name have in common: small letters, no separators, sides in full.
string common_spelling(std::string_view name) {
  const string side = side_at_end(name);
  if (!side.empty()) name.remove_suffix(1);
  string text;
  for (const char c : name) {
    if (kSeparators.find(c) == std::string_view::npos) text += c;
  }
  return lower_case(text) + side;
}

}  // namespace

bool is_same_long_name(std::string_view a, std::string_view b) {
  const string spelling = common_spelling(a);
  return spelling.size() >= kShortestSuffix && spelling == common_spelling(b);
}

MorphFinder::MorphFinder(const Rig& rig) {
  for (const Mesh& mesh : rig.meshes) {
    for (const Morph& morph : mesh.morphs) {
      names_.emplace(lower_case(morph.name), morph.name);
      spelt_.emplace(common_spelling(morph.name), morph.name);
      for (std::size_t i = 1; i < morph.name.size(); ++i) {
        if (kSeparators.find(morph.name[i - 1]) == std::string_view::npos) continue;
        endings_.emplace(common_spelling(std::string_view(morph.name).substr(i)), morph.name);
      }
    }
  }
}

std::optional<string> MorphFinder::find_as_spelt(const string& name) const {
  const string spelling = common_spelling(name);
  for (const auto* names : {&spelt_, &endings_}) {
    if (const auto found = names->find(spelling); found != names->end()) return found->second;
  }
  return std::nullopt;
}

std::optional<string> MorphFinder::find(const string& wanted) const {
  const string name = lower_case(wanted);
  if (const auto found = names_.find(name); found != names_.end()) return found->second;
  if (name.size() < kShortestSuffix) return std::nullopt;
  for (const auto& [candidate, morph] : names_) {
    if (candidate.size() <= name.size() || !candidate.ends_with(name)) continue;
    const char before = candidate[candidate.size() - name.size() - 1];
    if (before == '.' || before == '_' || before == ':' || before == '/') return morph;
  }
  return find_as_spelt(wanted);
}

std::vector<string> MorphFinder::all_called(const string& morph) const {
  std::vector<string> morphs = {morph};
  const string others = lower_case(morph + string(kOfMesh));
  for (auto name = names_.lower_bound(others); name != names_.end() && name->first.starts_with(others);
       ++name)
    morphs.push_back(name->second);
  return morphs;
}

bool MorphFinder::has(const string& morph) const {
  const auto found = names_.find(lower_case(morph));
  return found != names_.end() && found->second == morph;
}

}  // namespace tha4
