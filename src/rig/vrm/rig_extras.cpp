#include "rig_extras.h"

#include <map>

#include "gltf_document.h"

#include "tha4/base/config.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

using nlohmann::json;
using std::string;

constexpr int kVersion = 1;
constexpr double kMax = 1e9;

template <int N>
json list_of(const glm::vec<N, float, glm::defaultp>& vector) {
  json list = json::array();
  for (int i = 0; i < N; ++i) list.push_back(vector[i]);
  return list;
}

template <int N>
glm::vec<N, float, glm::defaultp> vector_of(const ConfigReader& reader, const string& key) {
  const auto values = reader.get<std::vector<double>>(key);
  if (values.size() != N) reader.fail(key, "must have " + std::to_string(N) + " numbers");
  glm::vec<N, float, glm::defaultp> vector;
  for (int i = 0; i < N; ++i) {
    const double value = values[static_cast<std::size_t>(i)];
    if (!(value >= -kMax && value <= kMax)) reader.fail(key, "has a number that is far too large");
    vector[i] = static_cast<float>(value);
  }
  return vector;
}

float number_of(const ConfigReader& reader, const string& key) {
  return static_cast<float>(reader.number(key, -kMax, kMax));
}

int index_of(const ConfigReader& reader, const string& key) {
  return static_cast<int>(reader.integer(key, -1, 1'000'000'000));
}

const std::map<TextureWrap, string>& wrap_names() {
  static const std::map<TextureWrap, string> names = {
      {TextureWrap::repeat, "repeat"}, {TextureWrap::mirror, "mirror"}, {TextureWrap::clamp, "clamp"}};
  return names;
}

TextureWrap wrap_of(const ConfigReader& reader, const char* key) {
  if (!reader.has(key)) return TextureWrap::repeat;
  const auto name = reader.get<string>(key);
  for (const auto& [wrap, known] : wrap_names()) {
    if (known == name) return wrap;
  }
  reader.fail(key, "must be repeat, mirror or clamp");
}

json json_of(const Material& material) {
  return {{"name", material.name},
          {"texture", material.texture},
          {"wrap_x", wrap_names().at(material.wrap_x)},
          {"wrap_y", wrap_names().at(material.wrap_y)},
          {"is_smooth", material.is_smooth},
          {"color", list_of(material.color)},
          {"is_lit", material.is_lit},
          {"shade_color", list_of(material.shade_color)},
          {"shade_threshold", material.shade_threshold},
          {"shade_softness", material.shade_softness},
          {"outline_width", material.outline_width},
          {"outline_color", list_of(material.outline_color)},
          {"is_two_sided", material.is_two_sided},
          {"alpha_cutoff", material.alpha_cutoff},
          {"writes_depth", material.writes_depth}};
}

Material read_material(const ConfigReader& reader) {
  Material material;
  material.name = reader.get<string>("name");
  material.texture = index_of(reader, "texture");
  material.wrap_x = wrap_of(reader, "wrap_x");
  material.wrap_y = wrap_of(reader, "wrap_y");
  material.is_smooth = reader.get_or<bool>("is_smooth", true);
  material.color = vector_of<4>(reader, "color");
  material.is_lit = reader.get<bool>("is_lit");
  material.shade_color = vector_of<3>(reader, "shade_color");
  material.shade_threshold = number_of(reader, "shade_threshold");
  material.shade_softness = number_of(reader, "shade_softness");
  material.outline_width = number_of(reader, "outline_width");
  material.outline_color = vector_of<3>(reader, "outline_color");
  material.is_two_sided = reader.get<bool>("is_two_sided");
  material.alpha_cutoff = number_of(reader, "alpha_cutoff");
  material.writes_depth = reader.get_or<bool>("writes_depth", true);
  return material;
}

json json_of(const RigControl& control) {
  json result = json::object();
  for (const auto& entry : control.morphs) {
    result["morphs"].push_back(
        {{"morph", entry.morph}, {"weight", entry.weight}, {"for_negative", entry.for_negative}});
  }
  for (const auto& turn : control.turns) {
    result["turns"].push_back({{"bone", turn.bone}, {"degrees", list_of(turn.degrees)}});
  }
  for (const auto& shift : control.shifts) {
    result["shifts"].push_back({{"bone", shift.bone}, {"offset", list_of(shift.offset)}});
  }
  return result;
}

RigControl read_control(const ConfigReader& reader) {
  const auto entries = [&](const char* key) {
    return reader.has(key) ? reader.objects(key) : std::vector<ConfigReader>{};
  };
  RigControl control;
  for (const ConfigReader& entry : entries("morphs")) {
    control.morphs.push_back(
        {entry.get<string>("morph"), number_of(entry, "weight"), entry.get<bool>("for_negative")});
  }
  for (const ConfigReader& turn : entries("turns")) {
    control.turns.push_back({index_of(turn, "bone"), vector_of<3>(turn, "degrees")});
  }
  for (const ConfigReader& shift : entries("shifts")) {
    control.shifts.push_back({index_of(shift, "bone"), vector_of<3>(shift, "offset")});
  }
  return control;
}

/// A list no longer than those of glTF may be.
std::vector<ConfigReader> limited_list(const ConfigReader& reader, const string& key) {
  std::vector<ConfigReader> entries = reader.objects(key);
  if (entries.size() > kMaxGltfList) {
    reader.fail(key, "has " + std::to_string(entries.size()) + " entries; at most " +
                         std::to_string(kMaxGltfList) + " are read: simplify the model");
  }
  return entries;
}

void read_meshes(const ConfigReader& reader, RigExtras& extras) {
  for (const ConfigReader& entry : limited_list(reader, "meshes")) {
    Mesh mesh;
    mesh.name = entry.get<string>("name");
    mesh.material = index_of(entry, "material");
    mesh.layer = static_cast<int>(entry.integer("layer", -1'000'000'000, 1'000'000'000));
    mesh.uses_depth = entry.get<bool>("uses_depth");
    extras.rig.meshes.push_back(std::move(mesh));
    extras.nodes.push_back(index_of(entry, "node"));
    extras.has_bones.push_back(entry.get<bool>("has_bones"));
    extras.has_normals.push_back(entry.get<bool>("has_normals"));
  }
}

/// Files of before have none, and no picture_morphs.
void read_parameter_limits(const ConfigReader& reader, Rig& rig) {
  if (!reader.has("parameter_limits")) return;
  for (const ConfigReader& entry : limited_list(reader, "parameter_limits")) {
    ParameterLimit limit;
    for (const string& name : entry.get<std::vector<string>>("parameters")) {
      try {
        limit.parameters.push_back(pose_parameter_index(name));
      } catch (const InputError& error) {
        entry.fail("parameters", string("names what is none: ") + error.what());
      }
    }
    rig.parameter_limits.push_back(std::move(limit));
  }
}

}  // namespace

json rig_extras(const Rig& rig, const RigPlacement& placement, const std::vector<int>& nodes) {
  json extras = {{"version", kVersion},
                 {"name", rig.name},
                 {"pixels_per_metre", placement.pixels_per_metre},
                 {"origin", list_of(placement.origin)},
                 {"texture_count", rig.textures.size()},
                 {"bones", json::array()},
                 {"materials", json::array()},
                 {"meshes", json::array()},
                 {"controls", json::object()},
                 {"limits", json::array()},
                 {"parameter_limits", json::array()},
                 {"picture_morphs", rig.picture_morphs}};
  for (const Bone& bone : rig.bones) {
    extras["bones"].push_back({{"name", bone.name}, {"parent", bone.parent}, {"joint", list_of(bone.joint)}});
  }
  for (const Material& material : rig.materials) extras["materials"].push_back(json_of(material));
  for (std::size_t i = 0; i < rig.meshes.size(); ++i) {
    const Mesh& mesh = rig.meshes[i];
    extras["meshes"].push_back({{"name", mesh.name},
                                {"node", nodes[i]},
                                {"material", mesh.material},
                                {"layer", mesh.layer},
                                {"uses_depth", mesh.uses_depth},
                                {"has_bones", !mesh.bones.empty()},
                                {"has_normals", !mesh.normals.empty()}});
  }
  for (std::size_t i = 0; i < rig.controls.size(); ++i) {
    json control = json_of(rig.controls[i]);
    if (!control.empty()) extras["controls"][string(pose_parameters()[i].name)] = std::move(control);
  }
  for (const MorphLimit& limit : rig.limits) {
    extras["limits"].push_back({{"morphs", limit.morphs}, {"amounts", limit.amounts}});
  }
  for (const ParameterLimit& limit : rig.parameter_limits) {
    json names = json::array();
    for (const int parameter : limit.parameters) {
      names.push_back(string(pose_parameters()[static_cast<std::size_t>(parameter)].name));
    }
    extras["parameter_limits"].push_back({{"parameters", std::move(names)}});
  }
  return extras;
}

RigExtras read_rig_extras(const json& content, const string& source) {
  RigExtras extras;
  const ConfigReader reader(content, source, "extras.tha4");
  reader.integer("version", kVersion, kVersion);
  Rig& rig = extras.rig;
  rig.name = reader.get<string>("name");
  extras.placement.pixels_per_metre = static_cast<float>(reader.number("pixels_per_metre", 1e-3, 1e6));
  extras.placement.origin = vector_of<3>(reader, "origin");
  extras.texture_count = static_cast<int>(reader.integer("texture_count", 0, 65'536));
  for (const ConfigReader& bone : limited_list(reader, "bones")) {
    rig.bones.push_back({bone.get<string>("name"), index_of(bone, "parent"), vector_of<3>(bone, "joint")});
  }
  for (const ConfigReader& material : limited_list(reader, "materials"))
    rig.materials.push_back(read_material(material));
  read_meshes(reader, extras);
  const ConfigReader controls = reader.object("controls");
  for (std::size_t i = 0; i < rig.controls.size(); ++i) {
    const string name(pose_parameters()[i].name);
    if (controls.has(name)) rig.controls[i] = read_control(controls.object(name));
  }
  for (const ConfigReader& limit : limited_list(reader, "limits")) {
    MorphLimit read{limit.get<std::vector<string>>("morphs"), {}};
    for (const double amount : limit.get<std::vector<double>>("amounts")) {
      if (!(amount >= 0 && amount <= kMax)) limit.fail("amounts", "has a number that is out of range");
      read.amounts.push_back(static_cast<float>(amount));
    }
    rig.limits.push_back(std::move(read));
  }
  read_parameter_limits(reader, rig);
  if (reader.has("picture_morphs")) rig.picture_morphs = reader.get<std::vector<string>>("picture_morphs");
  return extras;
}

}  // namespace tha4
