#include "choices_check.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "choice_lists.h"
#include <nlohmann/json.hpp>

#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"

namespace tha4::generator {
namespace {

using Json = nlohmann::ordered_json;

/// A list of objects, each of which may also have a weight and a name of its own.
struct EntryList {
  const char* path;
  std::vector<std::string> keys;
};

const std::vector<EntryList>& entry_lists() {
  static const std::vector<EntryList> lists = {
      {"/drawing_styles",
       {"line_width", "line_darkness", "shade_softness", "shade_strength", "highlight", "saturation",
        "lightness"}},
      {"/line_kinds", {"width", "strength", "tint"}},
      {"/paintings", {"strength", "form", "rim", "slope", "blotches", "softness"}},
      {"/strays", {"count", "width", "length"}},
      {"/skins", {"base", "shade", "line", "blush"}},
      {"/hair_colors", {"base", "shade", "light", "line", "accents"}},
      {"/eye_colors", {"dark", "base", "light"}},
      {"/clothes_colors", {"main", "second", "accent"}},
      {"/maturities/feminine", {"maturity"}},
      {"/maturities/masculine", {"maturity"}},
      {"/postures", {"up", "turn", "tilt"}},
      {"/skews", {"brow", "mouth"}},
  };
  return lists;
}

/// Fractions, lists of colours, and ranges.
constexpr auto kValues = std::to_array<const char*>({
    "/masculine_share",
    "/heterochromia_share",
    "/grown_front_hair_share",
    "/face/fang_share",
    "/line_tints",
    "/painting_shades",
    "/painting_lights",
    "/ranges/face_width",
    "/ranges/face_length",
    "/ranges/cheek_fullness",
    "/ranges/eye_width",
    "/ranges/eye_height",
    "/ranges/eye_spacing",
    "/ranges/eye_level",
    "/ranges/eye_tilt",
    "/ranges/iris_size",
    "/ranges/lash_thickness",
    "/ranges/lash_length",
    "/ranges/brow_thickness",
    "/ranges/brow_length",
    "/ranges/brow_level",
    "/ranges/mouth_width",
    "/ranges/mouth_level",
    "/ranges/blush_strength",
    "/ranges/hair_volume",
    "/ranges/hair_top",
    "/ranges/fringe_level",
    "/ranges/fringe_jitter",
    "/ranges/fringe_locks",
    "/ranges/side_length",
    "/ranges/back_length",
    "/ranges/tail_volume",
    "/ranges/hair_wave",
    "/ranges/hair_spikiness",
    "/ranges/shoulder_width",
    "/ranges/neck_width",
    "/ranges/waist",
    "/ranges/bust",
    "/ranges/arm_spread",
    "/ranges/sleeve_width",
    "/ranges/hem",
});

[[noreturn]] void refuse(const std::string& path, const std::string& what) {
  throw InputError("data/generator/choices.json: " + (path.empty() ? "/" : path) + ": " + what);
}

std::vector<std::string> known_paths() {
  std::vector<std::string> paths(kValues.begin(), kValues.end());
  for (const ChoiceList& list : choice_lists())
    paths.insert(paths.end(), list.paths.begin(), list.paths.end());
  for (const EntryList& list : entry_lists()) paths.emplace_back(list.path);
  return paths;
}

/// Refuses keys of the objects above \p known paths that lead to none of them.
void check_paths(const Json& object, const std::string& path, std::span<const std::string> known) {
  for (const auto& [key, value] : object.items()) {
    const std::string child = path + "/" + key;
    if (std::ranges::find(known, child) != known.end()) continue;
    std::vector<std::string> siblings;
    for (const std::string& other : known) {
      if (!other.starts_with(path + "/")) continue;
      const auto from = path.size() + 1;
      siblings.push_back(other.substr(from, other.find('/', from) - from));
    }
    if (std::ranges::find(siblings, key) == siblings.end())
      refuse(path, "'" + key + "' means nothing here; did you mean '" + nearest_name(key, siblings) + "'?");
    if (!value.is_object()) refuse(child, "this must be an object");
    check_paths(value, child, known);
  }
}

void check_kinds(const Json& weights, const std::string& path, const KindNames& kinds) {
  if (!weights.is_object() || weights.empty()) refuse(path, "this must be an object of weights by name");
  for (const auto& [name, weight] : weights.items()) {
    if (std::ranges::find(kinds.names, name) == kinds.names.end()) refuse(path, unknown_kind(kinds, name));
    if (!weight.is_number() || weight.get<float>() < 0)
      refuse(path + "/" + name, "this must be a number that is not negative");
  }
}

void check_entries(const Json& entries, const EntryList& list) {
  if (!entries.is_array() || entries.empty()) refuse(list.path, "this must be a list of objects");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string path = list.path + std::string("/") + std::to_string(i);
    if (!entries[i].is_object()) refuse(path, "this must be an object");
    std::vector<std::string> keys = list.keys;
    for (const std::string& key : keys) {
      if (!entries[i].contains(key)) refuse(path, "there is no '" + key + "'");
    }
    keys.insert(keys.end(), {"weight", "name"});
    for (const auto& [key, value] : entries[i].items()) {
      if (std::ranges::find(keys, key) == keys.end())
        refuse(path, "'" + key + "' means nothing here; did you mean '" + nearest_name(key, keys) + "'?");
    }
  }
}

}  // namespace

void check_choices(const Json& choices) {
  if (!choices.is_object()) refuse("", "this must be an object");
  const std::vector<std::string> known = known_paths();
  check_paths(choices, "", known);
  for (const std::string& path : known) {
    if (!choices.contains(Json::json_pointer(path))) refuse(path, "this is missing");
  }
  for (const ChoiceList& list : choice_lists()) {
    for (const std::string& path : list.paths)
      check_kinds(choices.at(Json::json_pointer(path)), path, list.kinds);
  }
  for (const EntryList& list : entry_lists()) check_entries(choices.at(Json::json_pointer(list.path)), list);
}

}  // namespace tha4::generator
