#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/pose/pose.h"

namespace tha4 {

/// Content of data/vrm/parameters.json, which explains its own format.
extern const char* const kBuiltInParameterTable;

/// What is added to a parameter's name where its values below 0 are meant.
inline constexpr const char* kBelowZero = "_negative";

/// Part of what moves a parameter.
struct MorphIngredient {
  std::string name;  ///< of a morph target, or "expression:" and the name of an expression
  float weight = 1;
  bool is_halved = false;  ///< only on the parameter's side of the face
};

/// Morph targets and expressions that move together.
using MorphRecipe = std::vector<MorphIngredient>;

/// How far the irises go at the value 1 of iris_rotation_y and iris_rotation_x, in distances of the two eyes.
struct GazeTravel {
  float sideways = 0;
  float vertical = 0;
};

/// The content of such a file.
struct ParameterTable {
  /// What may move each parameter upwards, and below 0, in order of preference, sides filled in.
  std::map<std::string, std::vector<MorphRecipe>> positive;
  std::map<std::string, std::vector<MorphRecipe>> negative;
  std::vector<std::vector<std::string>> limits;
  std::map<std::string, Pose> expressions;
  std::optional<GazeTravel> gaze;  ///< the built-in table has it
  std::string changed_by;          ///< name of the file that changed the built-in table, or empty
  /// Parameters whose recipes are that file's, with `kBelowZero` where they are those of negative values.
  std::set<std::string> changed;
};

/// The built-in table with what \p file changes of it: recipes of the parameters that it names, for each sign
/// of their values alone, all limits if it has any, the travel of the irises if it has that, and the
/// expressions that it names. \p file empty: the
/// built-in table. Throws InputError that names the file and the key that is wrong.
ParameterTable read_parameter_table(const std::filesystem::path& file);

/// Which side of the face a parameter moves, by the end of its name: "left", "right" or "" for both.
std::string side_of(const std::string& parameter);

}  // namespace tha4
