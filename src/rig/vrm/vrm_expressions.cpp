#include "vrm_expressions.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "morph_finder.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

#include "tha4/rig/rig_reach.h"

namespace tha4 {
namespace {

using std::string;

constexpr float kMiddle = 256;     // of the face, in pixels
constexpr float kMiddleWidth = 4;  // over which a morph of both sides is faded out, to each side
constexpr std::string_view kExpressionMark = "expression:";

/// What is known of an avatar's face.
struct Face {
  const VrmDescription& vrm;
  const std::vector<std::vector<string>>& target_names;
  MorphFinder morphs;
};

/// What an expression binds, each morph once: binds of one morph add up.
std::vector<VrmExpression::Bind> summed(const std::vector<VrmExpression::Bind>& binds) {
  std::vector<VrmExpression::Bind> sums;
  std::map<std::pair<int, int>, std::size_t> places;
  for (const VrmExpression::Bind& bind : binds) {
    const auto [place, is_new] = places.try_emplace({bind.mesh, bind.target}, sums.size());
    if (is_new) {
      sums.push_back(bind);
    } else {
      sums[place->second].weight += bind.weight;
    }
  }
  return sums;
}

/// Where a name stands, by mesh: the target there that bears it.
using Places = std::map<int, std::size_t>;

/// The names that several meshes have.
std::map<string, Places> shared_names(const std::vector<std::vector<string>>& target_names) {
  std::map<string, Places> places;
  for (std::size_t mesh = 0; mesh < target_names.size(); ++mesh) {
    for (std::size_t target = 0; target < target_names[mesh].size(); ++target) {
      places[target_names[mesh][target]].emplace(static_cast<int>(mesh), target);
    }
  }
  std::erase_if(places, [](const auto& place) { return place.second.size() < 2; });
  return places;
}

/// The weights with which \p expression moves morphs of each name, by mesh.
std::map<string, std::map<int, float>> weights_by_name(const VrmExpression& expression,
                                                       const std::vector<std::vector<string>>& target_names) {
  std::map<string, std::map<int, float>> weights;
  for (const VrmExpression::Bind& bind : summed(expression.binds)) {
    const auto& names = target_names[static_cast<std::size_t>(bind.mesh)];
    if (static_cast<std::size_t>(bind.target) >= names.size() || bind.weight == 0) continue;
    weights[names[static_cast<std::size_t>(bind.target)]].emplace(bind.mesh, bind.weight);
  }
  return weights;
}

/// The expression that an ingredient stands for: by its mark, or, where no morph is called so, as those of
/// perfect sync are, by its name in any spelling.
const VrmExpression* expression_of(const Face& face, const string& ingredient) {
  const auto& expressions = face.vrm.expressions;
  if (ingredient.starts_with(kExpressionMark)) {
    const auto found = expressions.find(ingredient.substr(kExpressionMark.size()));
    return found == expressions.end() ? nullptr : &found->second;
  }
  if (face.morphs.find(ingredient)) return nullptr;
  const auto found = std::ranges::find_if(
      expressions, [&](const auto& expression) { return is_same_long_name(expression.first, ingredient); });
  return found == expressions.end() ? nullptr : &found->second;
}

/// The morphs of an expression that move anything, as ingredients like \p whole; none where it is no
/// expression.
MorphRecipe expression_morphs(const Face& face, const MorphIngredient& whole) {
  MorphRecipe recipe;
  const VrmExpression* const expression = expression_of(face, whole.name);
  if (expression == nullptr) return recipe;
  std::set<string> taken;
  for (const VrmExpression::Bind& bind : summed(expression->binds)) {
    const auto& names = face.target_names[static_cast<std::size_t>(bind.mesh)];
    if (bind.weight == 0 || static_cast<std::size_t>(bind.target) >= names.size()) continue;
    const string& morph = names[static_cast<std::size_t>(bind.target)];
    if (!face.morphs.has(morph) || !taken.insert(morph).second) continue;
    recipe.push_back({morph, bind.weight * whole.weight, whole.is_halved});
  }
  return recipe;
}

/// Whether the avatar has what \p ingredient names and it moves something.
bool is_there(const Face& face, const MorphIngredient& ingredient) {
  const bool may_be_morph = !ingredient.name.starts_with(kExpressionMark);
  if (may_be_morph && face.morphs.find(ingredient.name)) return true;
  return !expression_morphs(face, ingredient).empty();
}

/// Tells of the names in the user's own table that stand for nothing here: they may be misspelt.
void note_absent_names(const ParameterTable& table, const string& parameter, bool for_negative,
                       const Face& face, VrmReport& report) {
  const string key = parameter + (for_negative ? kBelowZero : "");
  if (!table.changed.contains(key)) return;
  const auto& recipes = (for_negative ? table.negative : table.positive).at(parameter);
  for (const MorphRecipe& recipe : recipes) {
    for (const MorphIngredient& ingredient : recipe) {
      if (is_there(face, ingredient)) continue;
      report.notes.push_back(
          table.changed_by + ": '" + ingredient.name + "' of " + parameter +
          " is no morph or expression of this avatar that moves anything; correct the name.");
    }
  }
}

/// The recipe in terms of the rig's morphs; nothing unless the avatar has all of it.
std::optional<MorphRecipe> resolve(const Face& face, const MorphRecipe& recipe) {
  MorphRecipe resolved;
  for (const MorphIngredient& ingredient : recipe) {
    const bool may_be_morph = !ingredient.name.starts_with(kExpressionMark);
    const auto morph = may_be_morph ? face.morphs.find(ingredient.name) : std::nullopt;
    if (morph) {
      for (const string& name : face.morphs.all_called(*morph))
        resolved.push_back({name, ingredient.weight, ingredient.is_halved});
      continue;
    }
    const MorphRecipe morphs = expression_morphs(face, ingredient);
    if (morphs.empty()) return std::nullopt;
    resolved.insert(resolved.end(), morphs.begin(), morphs.end());
  }
  return resolved;
}

/// Gives each mesh that has \p morph its half of \p side, and returns its name.
string half_of(Rig& rig, const string& morph, const string& side) {
  const string name = morph + "@" + side;
  for (Mesh& mesh : rig.meshes) {
    const auto has = [&](const string& wanted) {
      return std::find_if(mesh.morphs.begin(), mesh.morphs.end(),
                          [&](const Morph& candidate) { return candidate.name == wanted; });
    };
    const auto whole = has(morph);
    if (whole == mesh.morphs.end() || has(name) != mesh.morphs.end()) continue;
    Morph half;
    half.name = name;
    for (std::size_t i = 0; i < whole->vertices.size(); ++i) {
      // The character's left is at the right of the picture.
      const float x = mesh.positions[whole->vertices[i]].x;
      const float left = glm::smoothstep(kMiddle - kMiddleWidth, kMiddle + kMiddleWidth, x);
      const float fraction = side == "left" ? left : 1 - left;
      if (fraction == 0) continue;
      half.vertices.push_back(whole->vertices[i]);
      half.offsets.push_back(fraction * whole->offsets[i]);
    }
    if (!half.vertices.empty()) mesh.morphs.push_back(std::move(half));
  }
  return name;
}

string text_of(const MorphRecipe& recipe) {
  string text;
  for (const MorphIngredient& ingredient : recipe) text += (text.empty() ? "" : " + ") + ingredient.name;
  return text;
}

/// What the bones of \p control do, in words.
string text_of_bones(const Rig& rig, const RigControl& control) {
  const bool turns = !control.turns.empty();
  const int bone = turns ? control.turns[0].bone : control.shifts[0].bone;
  return rig.bones[static_cast<std::size_t>(bone)].name + (turns ? " turns" : " rises");
}

void add_source(VrmReport& report, const string& parameter, const string& text) {
  string& source = report.sources[parameter];
  source += (source.empty() ? "" : ", below 0 ") + text;
}

bool has_morph(const Rig& rig, const string& name) {
  return std::ranges::any_of(rig.meshes, [&](const Mesh& mesh) {
    return std::ranges::any_of(mesh.morphs, [&](const Morph& morph) { return morph.name == name; });
  });
}

void add_control(const std::vector<MorphRecipe>& recipes, bool for_negative, const string& parameter,
                 const Face& face, Rig& rig, VrmReport& report) {
  const string side = side_of(parameter);
  for (const MorphRecipe& recipe : recipes) {
    const std::optional<MorphRecipe> resolved = resolve(face, recipe);
    if (!resolved) continue;
    std::vector<RigControl::MorphWeight> morphs;
    for (const MorphIngredient& part : *resolved) {
      const string morph = part.is_halved ? half_of(rig, part.name, side) : part.name;
      if (has_morph(rig, morph)) morphs.push_back({morph, part.weight, for_negative});
    }
    if (morphs.empty()) continue;  // of the other side alone
    auto& control = rig.controls[static_cast<std::size_t>(pose_parameter_index(parameter))];
    control.morphs.insert(control.morphs.end(), morphs.begin(), morphs.end());
    add_source(report, parameter, text_of(recipe));
    return;
  }
}

/// Makes a morph of what the bones of \p parameter do to one side of 0.
void keep_bones_as_morph(const string& parameter, bool for_negative, Rig& rig, VrmReport& report) {
  const auto index = static_cast<std::size_t>(pose_parameter_index(parameter));
  Pose pose{};
  pose[index] = for_negative ? -1.0F : 1.0F;
  const std::vector<PosedMesh> posed = pose_rig(rig, pose);
  const string name = parameter + (for_negative ? kBelowZero : "") + " by bones";
  for (std::size_t m = 0; m < rig.meshes.size(); ++m) {
    Mesh& mesh = rig.meshes[m];
    Morph morph{name, {}, {}};
    for (std::size_t v = 0; v < mesh.positions.size(); ++v) {
      const glm::vec3 offset = posed[m].positions[v] - mesh.positions[v];
      if (glm::dot(offset, offset) < 1e-8F) continue;
      morph.vertices.push_back(static_cast<std::uint32_t>(v));
      morph.offsets.push_back(offset);
    }
    if (!morph.vertices.empty()) mesh.morphs.push_back(std::move(morph));
  }
  rig.controls[index].morphs.push_back({name, 1, for_negative});
  add_source(report, parameter, text_of_bones(rig, rig.controls[index]));
}

/// First of all an expression or a morph that bears the parameter's own name.
std::vector<MorphRecipe> recipes_for(const ParameterTable& table, const string& parameter,
                                     bool for_negative) {
  const string own_name = parameter + (for_negative ? kBelowZero : "");
  std::vector<MorphRecipe> recipes = {{{string(kExpressionMark) + own_name}}, {{own_name}}};
  const auto& listed = for_negative ? table.negative : table.positive;
  if (const auto found = listed.find(parameter); found != listed.end()) {
    recipes.insert(recipes.end(), found->second.begin(), found->second.end());
  }
  return recipes;
}

/// What moves one parameter besides bones. What the user's own table says takes the place of bones, too.
void add_morphs_of(const PoseParameter& parameter, const ParameterTable& table, const Face& face, Rig& rig,
                   VrmReport& report) {
  const string name(parameter.name);
  RigControl& control = rig.controls[static_cast<std::size_t>(pose_parameter_index(name))];
  const auto is_changed = [&](bool for_negative) {
    return table.changed.contains(name + (for_negative ? kBelowZero : ""));
  };
  const bool gives_way = is_changed(false) || is_changed(true);
  const bool has_turns = !control.turns.empty();
  for (const bool for_negative : {false, true}) {
    if (has_turns && !is_changed(for_negative)) {
      const bool has_values = !for_negative || parameter.min < 0;
      if (gives_way && has_values) keep_bones_as_morph(name, for_negative, rig, report);
      continue;
    }
    note_absent_names(table, name, for_negative, face, report);
    add_control(recipes_for(table, name, for_negative), for_negative, name, face, rig, report);
  }
  if (!gives_way) return;
  control.turns.clear();
  control.shifts.clear();
}

/// Parameters that move nothing take nothing away from the others.
void add_limits(const ParameterTable& table, Rig& rig) {
  for (const std::vector<string>& parameters : table.limits) {
    ParameterLimit limit;
    for (const string& parameter : parameters) {
      const int index = pose_parameter_index(parameter);
      if (!rig.controls[static_cast<std::size_t>(index)].morphs.empty()) limit.parameters.push_back(index);
    }
    if (limit.parameters.size() > 1) rig.parameter_limits.push_back(std::move(limit));
  }
}

void remove_unused_morphs(Rig& rig) {
  std::set<string> used;
  for (const RigControl& control : rig.controls) {
    for (const auto& entry : control.morphs) used.insert(entry.morph);
  }
  for (Mesh& mesh : rig.meshes) {
    std::erase_if(mesh.morphs, [&](const Morph& morph) { return !used.contains(morph.name); });
  }
}

}  // namespace

void part_names_by_expressions(const VrmDescription& vrm, std::vector<std::vector<string>>& target_names) {
  const std::map<string, Places> shared = shared_names(target_names);
  std::map<string, int> parted;  // and the mesh that keeps the name
  for (const auto& [expression_name, expression] : vrm.expressions) {
    for (const auto& [name, weights] : weights_by_name(expression, target_names)) {
      const auto places = shared.find(name);
      if (places == shared.end()) continue;
      const float weight = weights.begin()->second;
      const bool is_of_all =
          weights.size() == places->second.size() &&
          std::ranges::all_of(weights, [&](const auto& of) { return of.second == weight; });
      if (is_of_all) continue;
      const int first = weights.begin()->first;
      const auto kept = parted.try_emplace(name, first).first;
      kept->second = std::min(kept->second, first);
    }
  }
  for (const auto& [name, kept] : parted) {
    for (const auto& [mesh, target] : shared.at(name)) {
      if (mesh == kept) continue;
      target_names[static_cast<std::size_t>(mesh)][target] += string(kOfMesh) + std::to_string(mesh);
    }
  }
}

void add_morph_controls(const ParameterTable& table, const VrmDescription& vrm,
                        const std::vector<std::vector<string>>& target_names, Rig& rig, VrmReport& report) {
  const Face face{vrm, target_names, MorphFinder(rig)};
  for (const PoseParameter& parameter : pose_parameters()) add_morphs_of(parameter, table, face, rig, report);
  add_limits(table, rig);
  remove_unused_morphs(rig);
}

void report_missing_parameters(const Rig& rig, VrmReport& report) {
  const RigReach reach = reach_of(rig);
  for (const PoseParameter& parameter : pose_parameters()) {
    const string name(parameter.name);
    const auto index = static_cast<std::size_t>(pose_parameter_index(name));
    const RigControl& control = rig.controls[index];
    if (!reach.above[index] && !reach.below[index]) {
      report.missing_parameters.push_back(name);
      report.sources.erase(name);
    } else if (!control.turns.empty() || !control.shifts.empty()) {
      report.sources.emplace(name, text_of_bones(rig, control));
    }
  }
}

}  // namespace tha4
