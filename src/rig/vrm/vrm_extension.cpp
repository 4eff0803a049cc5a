#include "vrm_extension.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tha4/base/config.h"

namespace tha4 {
namespace {

using std::string;

int list_end(const GltfDocument& document, const char* list) {
  const auto found = document.json.find(list);
  return found == document.json.end() || !found->is_array() ? 0 : static_cast<int>(found->size());
}

string text_or_empty(const ConfigReader& reader, const string& key) {
  return reader.has(key) ? reader.get<string>(key) : string{};
}

/// VRM 1.0's name of a bone of VRM 0.x: only thumbs were renamed.
string bone_name_of_version_1(const string& name) {
  const auto thumb = name.find("Thumb");
  if (thumb == string::npos) return name;
  const string side = name.substr(0, thumb);
  if (name.ends_with("ThumbProximal")) return side + "ThumbMetacarpal";
  if (name.ends_with("ThumbIntermediate")) return side + "ThumbProximal";
  return name;
}

string expression_name_of_version_1(const string& preset) {
  static const std::map<string, string> names = {{"a", "aa"},
                                                 {"i", "ih"},
                                                 {"u", "ou"},
                                                 {"e", "ee"},
                                                 {"o", "oh"},
                                                 {"blink_l", "blinkLeft"},
                                                 {"blink_r", "blinkRight"},
                                                 {"joy", "happy"},
                                                 {"sorrow", "sad"},
                                                 {"fun", "relaxed"},
                                                 {"lookup", "lookUp"},
                                                 {"lookdown", "lookDown"},
                                                 {"lookleft", "lookLeft"},
                                                 {"lookright", "lookRight"}};
  const auto found = names.find(preset);
  return found == names.end() ? preset : found->second;
}

void add_bone(const GltfDocument& document, VrmDescription& vrm, const string& name,
              const ConfigReader& entry) {
  const auto node = entry.integer("node", 0, list_end(document, "nodes") - 1);
  if (!vrm.bones.emplace(name, static_cast<int>(node)).second) entry.fail("bone", "names " + name + " again");
}

void read_meta(const ConfigReader& meta, VrmDescription& vrm) {
  if (vrm.is_version_0) {
    vrm.title = text_or_empty(meta, "title");
    if (const string author = text_or_empty(meta, "author"); !author.empty()) vrm.authors = {author};
    vrm.license = text_or_empty(meta, "licenseName");
    return;
  }
  vrm.title = text_or_empty(meta, "name");
  if (meta.has("authors")) vrm.authors = meta.get<std::vector<string>>("authors");
  vrm.license = text_or_empty(meta, "licenseUrl");
}

void read_eye_range_0(const ConfigReader& first_person, VrmDescription& vrm) {
  const auto range = [&](const char* key, float fallback) {
    if (!first_person.has(key)) return fallback;
    return static_cast<float>(first_person.object(key).number("yRange", 0, 180));
  };
  vrm.eyes_turn_by_bone = text_or_empty(first_person, "lookAtTypeName") != "BlendShape";
  if (!vrm.eyes_turn_by_bone) return;
  vrm.eye_range.horizontal = (range("lookAtHorizontalInner", 10) + range("lookAtHorizontalOuter", 10)) / 2;
  vrm.eye_range.up = range("lookAtVerticalUp", 10);
  vrm.eye_range.down = range("lookAtVerticalDown", 10);
}

void read_eye_range_1(const ConfigReader& look_at, VrmDescription& vrm) {
  const auto range = [&](const char* key, float fallback) {
    if (!look_at.has(key)) return fallback;
    const ConfigReader map = look_at.object(key);
    return map.has("outputScale") ? static_cast<float>(map.number("outputScale", 0, 180)) : fallback;
  };
  vrm.eyes_turn_by_bone = text_or_empty(look_at, "type") != "expression";
  if (!vrm.eyes_turn_by_bone) return;
  vrm.eye_range.horizontal =
      (range("rangeMapHorizontalInner", 10) + range("rangeMapHorizontalOuter", 10)) / 2;
  vrm.eye_range.up = range("rangeMapVerticalUp", 10);
  vrm.eye_range.down = range("rangeMapVerticalDown", 10);
}

void read_version_0(const GltfDocument& document, const ConfigReader& extension, VrmDescription& vrm) {
  for (const ConfigReader& entry : extension.object("humanoid").objects("humanBones")) {
    add_bone(document, vrm, bone_name_of_version_1(entry.get<string>("bone")), entry);
  }
  if (extension.has("firstPerson")) read_eye_range_0(extension.object("firstPerson"), vrm);
  if (extension.has("secondaryAnimation")) {
    const ConfigReader springs = extension.object("secondaryAnimation");
    vrm.has_spring_bones = springs.has("boneGroups") && !springs.objects("boneGroups").empty();
  }
  if (!extension.has("blendShapeMaster")) return;
  const ConfigReader master = extension.object("blendShapeMaster");
  if (!master.has("blendShapeGroups")) return;
  for (const ConfigReader& group : master.objects("blendShapeGroups")) {
    string name = expression_name_of_version_1(text_or_empty(group, "presetName"));
    if (name.empty() || name == "unknown") name = text_or_empty(group, "name");
    VrmExpression expression;
    if (group.has("binds")) {
      for (const ConfigReader& bind : group.objects("binds")) {
        expression.binds.push_back(
            {static_cast<int>(bind.integer("mesh", 0, list_end(document, "meshes") - 1)),
             static_cast<int>(bind.integer("index", 0, kMaxGltfList)),
             static_cast<float>(bind.number("weight", 0, 100) / 100)});
      }
    }
    vrm.expressions.emplace(std::move(name), std::move(expression));
  }
}

void read_expressions_1(const GltfDocument& document, const ConfigReader& extension, const char* kind,
                        VrmDescription& vrm) {
  const auto& names = document.json["extensions"]["VRMC_vrm"]["expressions"][kind];
  const ConfigReader list = extension.object("expressions").object(kind);
  for (const auto& [name, value] : names.items()) {
    const ConfigReader entry = list.object(name);
    VrmExpression expression;
    if (entry.has("morphTargetBinds")) {
      for (const ConfigReader& bind : entry.objects("morphTargetBinds")) {
        const auto node = bind.integer("node", 0, list_end(document, "nodes") - 1);
        const int mesh = document.model.nodes[static_cast<std::size_t>(node)].mesh;
        if (mesh < 0 || mesh >= list_end(document, "meshes"))
          bind.fail("node", "has no mesh; export it again");
        expression.binds.push_back({mesh, static_cast<int>(bind.integer("index", 0, kMaxGltfList)),
                                    static_cast<float>(bind.number("weight", 0, 1))});
      }
    }
    vrm.expressions.emplace(name, std::move(expression));
  }
}

void read_version_1(const GltfDocument& document, const ConfigReader& extension, VrmDescription& vrm) {
  const ConfigReader bones = extension.object("humanoid").object("humanBones");
  for (const auto& [name, value] :
       document.json["extensions"]["VRMC_vrm"]["humanoid"]["humanBones"].items()) {
    add_bone(document, vrm, name, bones.object(name));
  }
  if (extension.has("lookAt")) read_eye_range_1(extension.object("lookAt"), vrm);
  vrm.has_spring_bones = document.json["extensions"].contains("VRMC_springBone");
  if (!extension.has("expressions")) return;
  const ConfigReader expressions = extension.object("expressions");
  for (const char* kind : {"preset", "custom"}) {
    if (expressions.has(kind)) read_expressions_1(document, extension, kind, vrm);
  }
}

void check_bones(const GltfDocument& document, const VrmDescription& vrm) {
  for (const char* name : {"hips", "spine", "head"}) {
    if (vrm.bones.contains(name)) continue;
    document.fail("humanoid", string("has no bone '") + name +
                                  "', which VRM requires; assign it in the program that exports the model");
  }
}

}  // namespace

VrmDescription read_vrm_extension(const GltfDocument& document) {
  VrmDescription vrm;
  const auto extensions = document.json.find("extensions");
  const bool has_extensions = extensions != document.json.end() && extensions->is_object();
  const bool is_version_1 = has_extensions && extensions->contains("VRMC_vrm");
  vrm.is_version_0 = has_extensions && !is_version_1 && extensions->contains("VRM");
  if (!is_version_1 && !vrm.is_version_0) {
    throw InputError(document.name +
                     " is glTF without the extension of VRM (VRMC_vrm or VRM), so its bones and expressions "
                     "are not known; export it as VRM");
  }
  const string key = is_version_1 ? "VRMC_vrm" : "VRM";
  const ConfigReader extension((*extensions)[key], document.name, "extensions." + key);
  if (extension.has("meta")) read_meta(extension.object("meta"), vrm);
  if (is_version_1) {
    read_version_1(document, extension, vrm);
  } else {
    read_version_0(document, extension, vrm);
  }
  check_bones(document, vrm);
  return vrm;
}

const std::vector<string>& required_vrm_bones() {
  static const std::vector<string> bones = {
      "hips",         "spine",         "head",          "leftUpperLeg",  "leftLowerLeg",
      "leftFoot",     "rightUpperLeg", "rightLowerLeg", "rightFoot",     "leftUpperArm",
      "leftLowerArm", "leftHand",      "rightUpperArm", "rightLowerArm", "rightHand"};
  return bones;
}

}  // namespace tha4
