#include <algorithm>
#include <set>

#include "vrm_meshes.h"

namespace tha4 {
namespace {

using std::size_t;
using std::string;

/// The list of names that exporters keep with a mesh or, in VRM 0.x, with its first primitive.
std::vector<string> names_in_extras(const nlohmann::json& mesh) {
  const auto names_of = [](const nlohmann::json& object) -> std::vector<string> {
    std::vector<string> names;
    if (!object.is_object() || !object.contains("extras") || !object["extras"].is_object()) return names;
    const auto found = object["extras"].find("targetNames");
    if (found == object["extras"].end() || !found->is_array()) return names;
    for (const auto& name : *found) names.push_back(name.is_string() ? name.get<string>() : string{});
    return names;
  };
  std::vector<string> names = names_of(mesh);
  if (!names.empty() || !mesh.contains("primitives")) return names;
  for (const auto& primitive : mesh["primitives"]) {
    if (names = names_of(primitive); !names.empty()) break;
  }
  return names;
}

}  // namespace

std::vector<std::vector<string>> morph_target_names(const GltfDocument& document) {
  std::vector<std::vector<string>> result;
  for (size_t m = 0; m < document.model.meshes.size(); ++m) {
    size_t count = 0;
    for (const auto& primitive : document.model.meshes[m].primitives) {
      count = std::max(count, primitive.targets.size());
    }
    std::vector<string> names = names_in_extras(document.json["meshes"][m]);
    names.resize(count);
    std::set<string> taken;
    for (size_t t = 0; t < count; ++t) {
      const string number = std::to_string(m) + "." + std::to_string(t);
      if (names[t].empty()) names[t] = "target " + number;
      if (!taken.insert(names[t]).second) names[t] += " (" + number + ")";
      taken.insert(names[t]);
    }
    result.push_back(std::move(names));
  }
  return result;
}

}  // namespace tha4
