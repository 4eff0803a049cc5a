#include "parameter_table.h"

#include "tha4/base/config.h"

namespace tha4 {
namespace {

using nlohmann::json;
using std::string;

string replaced(string text, const string& from, const string& to) {
  for (auto place = text.find(from); place != string::npos; place = text.find(from, place + to.size())) {
    text.replace(place, from.size(), to);
  }
  return text;
}

string with_side(const string& name, const string& side) {
  if (side.empty()) return name;
  const bool is_left = side == "left";
  string result = replaced(name, "{side}", side);
  result = replaced(result, "{Side}", is_left ? "Left" : "Right");
  return replaced(result, "{S}", is_left ? "L" : "R");
}

/// \p is_of_one_side: the key names a side, so the names under it need not.
std::vector<MorphRecipe> read_recipes(const ConfigReader& reader, const string& key, const string& side,
                                      bool is_of_one_side) {
  std::vector<MorphRecipe> recipes;
  for (const auto& entry : reader.get<json>(key)) {
    if (!entry.is_object()) reader.fail(key, "must be a list of objects from names to weights");
    MorphRecipe recipe;
    for (const auto& [name, weight] : entry.items()) {
      if (!weight.is_number()) reader.fail(key, "has a weight of '" + name + "' that is not a number");
      const string sided = with_side(name, side);
      recipe.push_back({sided, weight.get<float>(), !side.empty() && !is_of_one_side && sided == name});
    }
    recipes.push_back(std::move(recipe));
  }
  return recipes;
}

void append(std::vector<MorphRecipe>& recipes, const std::vector<MorphRecipe>& more) {
  recipes.insert(recipes.end(), more.begin(), more.end());
}

void read_parameter(const ConfigReader& parameters, const string& key, const string& parameter,
                    ParameterTable& table) {
  if (!parameters.has(key)) return;
  const string side = side_of(parameter);
  const bool is_of_one_side = key == parameter;
  if (parameters.get<json>(key).is_array()) {
    append(table.positive[parameter], read_recipes(parameters, key, side, is_of_one_side));
    return;
  }
  const ConfigReader signs = parameters.object(key);
  if (signs.has("positive"))
    append(table.positive[parameter], read_recipes(signs, "positive", side, is_of_one_side));
  if (signs.has("negative"))
    append(table.negative[parameter], read_recipes(signs, "negative", side, is_of_one_side));
  signs.reject_unknown_keys();
}

void read_parameters(const ConfigReader& parameters, ParameterTable& table) {
  for (const PoseParameter& parameter : pose_parameters()) {
    const string name(parameter.name);
    const string group(parameter.group);
    read_parameter(parameters, name, name, table);
    if (group != name) read_parameter(parameters, group, name, table);
  }
  parameters.reject_unknown_keys();
}

int parameter_index(const ConfigReader& reader, const string& key, const string& name) {
  try {
    return pose_parameter_index(name);
  } catch (const InputError& error) {
    reader.fail(key, string("names what is none: ") + error.what());
  }
}

void read_expressions(const ConfigReader& reader, const string& source, ParameterTable& table) {
  for (const auto& [expression, values] :
       reader.get<std::map<string, std::map<string, double>>>("expressions")) {
    const string key = "expressions." + expression;
    Pose pose{};
    for (const auto& [name, value] : values) {
      const int index = parameter_index(reader, key, name);
      pose[static_cast<std::size_t>(index)] = checked_pose_value(index, value, source + ": " + key);
    }
    table.expressions.emplace(expression, pose);
  }
}

GazeTravel read_gaze(const ConfigReader& reader) {
  GazeTravel gaze;
  gaze.sideways = static_cast<float>(reader.number("sideways", 0, 1));
  gaze.vertical = static_cast<float>(reader.number("vertical", 0, 1));
  reader.reject_unknown_keys();
  return gaze;
}

ParameterTable parse_table(const json& content, const string& source) {
  ParameterTable table;
  const ConfigReader reader(content, source);
  if (reader.has("parameters")) read_parameters(reader.object("parameters"), table);
  if (reader.has("limits")) {
    table.limits = reader.get<std::vector<std::vector<string>>>("limits");
    for (const auto& limit : table.limits) {
      for (const string& name : limit) parameter_index(reader, "limits", name);
    }
  }
  if (reader.has("gaze")) table.gaze = read_gaze(reader.object("gaze"));
  if (reader.has("expressions")) read_expressions(reader, source, table);
  reader.reject_unknown_keys();
  return table;
}

const ParameterTable& built_in_table() {
  static const ParameterTable table =
      parse_table(json::parse(kBuiltInParameterTable, nullptr, true, /*ignore_comments=*/true),
                  "data/vrm/parameters.json");
  return table;
}

/// What \p changes says, and of \p table what it does not speak of.
ParameterTable changed_table(ParameterTable table, const ParameterTable& changes) {
  for (const auto& [parameter, recipes] : changes.positive) {
    table.positive[parameter] = recipes;
    table.changed.insert(parameter);
  }
  for (const auto& [parameter, recipes] : changes.negative) {
    table.negative[parameter] = recipes;
    table.changed.insert(parameter + kBelowZero);
  }
  if (!changes.limits.empty()) table.limits = changes.limits;
  if (changes.gaze) table.gaze = changes.gaze;
  for (const auto& [expression, pose] : changes.expressions) table.expressions[expression] = pose;
  return table;
}

}  // namespace

ParameterTable read_parameter_table(const std::filesystem::path& file) {
  if (file.empty()) return built_in_table();
  ParameterTable table = changed_table(built_in_table(), parse_table(read_json_file(file), file.string()));
  table.changed_by = file.filename().string();
  return table;
}

string side_of(const string& parameter) {
  if (parameter.ends_with("_left")) return "left";
  return parameter.ends_with("_right") ? "right" : "";
}

}  // namespace tha4
