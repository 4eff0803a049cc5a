#include "vrm_extension.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "tha4/base/config.h"

namespace tha4 {
namespace {

using std::string;

/// Without which there is no rig.
constexpr std::array<const char*, 3> kNeededBones = {"hips", "spine", "head"};

int list_end(const GltfDocument& document, const char* list) {
  const auto found = document.json.find(list);
  return found == document.json.end() || !found->is_array() ? 0 : static_cast<int>(found->size());
}

/// Nothing, too, where \p key is something else than a text: no avatar fails for its title.
string text_or_empty(const ConfigReader& reader, const string& key) {
  if (!reader.has(key)) return {};
  const auto value = reader.get<nlohmann::json>(key);
  return value.is_string() ? value.get<string>() : string{};
}

/// The object \p key, which may be missing. Programs that do not tell them apart write an empty list for an
/// empty object; anything else is noted and passed over.
std::optional<ConfigReader> optional_object(const ConfigReader& reader, const string& key,
                                            VrmDescription& vrm) {
  if (!reader.has(key)) return std::nullopt;
  const auto value = reader.get<nlohmann::json>(key);
  if (value.is_object()) return reader.object(key);
  if (!value.is_array() || !value.empty()) {
    vrm.notes.push_back("What VRM says as '" + key + "' is no object and was passed over.");
  }
  return std::nullopt;
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

/// VRM 1.0's name of a preset of VRM 0.x, which some programs write in capitals; \p preset itself where it is
/// none.
string expression_name_of_version_1(const string& preset) {
  string small = preset;
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
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
                                                 {"lookright", "lookRight"},
                                                 {"blink", "blink"},
                                                 {"angry", "angry"},
                                                 {"neutral", "neutral"},
                                                 {"unknown", "unknown"}};
  const auto found = names.find(small);
  return found == names.end() ? preset : found->second;
}

void add_bone(const GltfDocument& document, VrmDescription& vrm, const string& name,
              const ConfigReader& entry) {
  // VRM 0.x has -1 for bones that were not assigned.
  if (vrm.is_version_0 && entry.get<std::int64_t>("node") == -1) return;
  const bool is_needed = std::ranges::find(kNeededBones, name) != kNeededBones.end();
  const auto named = entry.get<std::int64_t>("node");
  if (!is_needed && (named < 0 || named >= list_end(document, "nodes"))) {
    vrm.notes.push_back("The bone '" + name + "' is at a node that is not there and was passed over.");
    return;
  }
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
  if (meta.has("authors")) {
    const auto authors = meta.get<nlohmann::json>("authors");
    if (authors.is_string()) vrm.authors.push_back(authors.get<string>());
    for (const auto& author : authors) {
      if (authors.is_array() && author.is_string()) vrm.authors.push_back(author.get<string>());
    }
  }
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

void read_eye_range(const std::optional<ConfigReader>& source, VrmDescription& vrm) {
  if (!source) return;
  const VrmEyeRange usual = vrm.eye_range;
  try {
    vrm.is_version_0 ? read_eye_range_0(*source, vrm) : read_eye_range_1(*source, vrm);
  } catch (const InputError&) {
    vrm.eye_range = usual;
    vrm.notes.push_back("How far the eyes turn is said in a way that makes no sense; the usual was taken.");
  }
}

/// Counts what refers to what is not there, to be told in one sentence.
class StaleReferences {
 public:
  explicit StaleReferences(const char* what) : what_(what) {}
  /// Whether \p entry names by \p key one of \p end things; notes it otherwise.
  bool is_there(const ConfigReader& entry, const char* key, int end) {
    const auto index = number<std::int64_t>(entry, key);
    if (!index) return false;
    if (*index >= 0 && *index < end) return true;
    add();
    return false;
  }
  /// The number \p key of \p entry; where it is missing or of another type, nothing, which is noted.
  template <class T>
  std::optional<T> number(const ConfigReader& entry, const char* key) {
    try {
      return entry.get<T>(key);
    } catch (const InputError&) {
      add();
      return std::nullopt;
    }
  }
  /// The list \p key of \p entry, empty where there is none; anything else is noted.
  std::vector<ConfigReader> list(const ConfigReader& entry, const char* key) {
    try {
      return entry.has(key) ? entry.objects(key) : std::vector<ConfigReader>();
    } catch (const InputError&) {
      add();
      return {};
    }
  }
  void add() { ++count_; }
  void tell(VrmDescription& vrm) const {
    if (count_ == 0) return;
    vrm.notes.push_back(std::to_string(count_) + " " + what_ +
                        " refer to what is not in the file, or to nothing, and were passed over.");
  }

 private:
  const char* what_;
  int count_ = 0;
};

std::size_t target_count(const GltfDocument& document, int mesh) {
  std::size_t count = 0;
  for (const auto& primitive : document.model.meshes[static_cast<std::size_t>(mesh)].primitives) {
    count = std::max(count, primitive.targets.size());
  }
  return count;
}

/// Adds what \p bind moves of \p mesh; weights are clipped to what they may be.
void add_bind(const GltfDocument& document, const ConfigReader& bind, int mesh, double full_weight,
              VrmExpression& expression, StaleReferences& stale) {
  const auto targets = static_cast<int>(std::min(target_count(document, mesh), kMaxGltfList));
  if (!stale.is_there(bind, "index", targets)) return;
  const auto weight = stale.number<double>(bind, "weight");
  if (!weight) return;
  if (!std::isfinite(*weight)) bind.fail("weight", "is not a finite number");
  expression.binds.push_back({mesh, static_cast<int>(bind.get<std::int64_t>("index")),
                              static_cast<float>(std::clamp(*weight / full_weight, 0.0, 1.0))});
}

/// Which nodes or meshes are for the character's own eyes alone.
void read_first_person(const ConfigReader& first_person, const char* target, const char* flag, int end,
                       std::set<int>& only_itself, StaleReferences& stale) {
  for (const ConfigReader& annotation : stale.list(first_person, "meshAnnotations")) {
    const string kind = text_or_empty(annotation, flag);
    if (kind != "firstPersonOnly" && kind != "FirstPersonOnly") continue;
    if (annotation.has(target) && stale.is_there(annotation, target, end)) {
      only_itself.insert(static_cast<int>(annotation.get<std::int64_t>(target)));
    }
  }
}

/// Those that say of what preset they are come first; of others, the names of which presets bear count.
void read_expressions_0(const GltfDocument& document, const ConfigReader& master, VrmDescription& vrm) {
  StaleReferences stale("binds of expressions");
  std::vector<std::pair<string, VrmExpression>> unnamed;
  for (const ConfigReader& group : stale.list(master, "blendShapeGroups")) {
    VrmExpression expression;
    for (const ConfigReader& bind : stale.list(group, "binds")) {
      if (!stale.is_there(bind, "mesh", list_end(document, "meshes"))) continue;
      add_bind(document, bind, static_cast<int>(bind.get<std::int64_t>("mesh")), 100, expression, stale);
    }
    const string preset = expression_name_of_version_1(text_or_empty(group, "presetName"));
    if (preset.empty() || preset == "unknown") {
      unnamed.emplace_back(text_or_empty(group, "name"), std::move(expression));
    } else {
      vrm.expressions.emplace(preset, std::move(expression));
    }
  }
  for (auto& [name, expression] : unnamed) {
    const string preset = expression_name_of_version_1(name);
    vrm.expressions.emplace(vrm.expressions.contains(preset) ? name : preset, std::move(expression));
  }
  stale.tell(vrm);
}

void read_version_0(const GltfDocument& document, const ConfigReader& extension, VrmDescription& vrm) {
  const auto humanoid = optional_object(extension, "humanoid", vrm);
  if (humanoid && humanoid->has("humanBones")) {
    for (const ConfigReader& entry : humanoid->objects("humanBones")) {
      add_bone(document, vrm, bone_name_of_version_1(entry.get<string>("bone")), entry);
    }
  }
  StaleReferences annotations("first-person annotations");
  if (const auto first_person = optional_object(extension, "firstPerson", vrm)) {
    read_eye_range(first_person, vrm);
    read_first_person(*first_person, "mesh", "firstPersonFlag", list_end(document, "meshes"),
                      vrm.first_person_meshes, annotations);
  }
  annotations.tell(vrm);
  if (const auto springs = optional_object(extension, "secondaryAnimation", vrm)) {
    const auto groups = springs->get_or<nlohmann::json>("boneGroups", nlohmann::json::array());
    vrm.has_spring_bones = groups.is_array() && !groups.empty();
  }
  if (const auto master = optional_object(extension, "blendShapeMaster", vrm)) {
    read_expressions_0(document, *master, vrm);
  }
}

void read_expressions_1(const GltfDocument& document, const ConfigReader& expressions, const char* kind,
                        VrmDescription& vrm, StaleReferences& stale) {
  const auto list = optional_object(expressions, kind, vrm);
  if (!list) return;
  const auto named = expressions.get<nlohmann::json>(kind);
  for (const auto& [name, value] : named.items()) {
    if (!value.is_object()) {
      stale.add();
      continue;
    }
    const ConfigReader entry = list->object(name);
    VrmExpression expression;
    for (const ConfigReader& bind : stale.list(entry, "morphTargetBinds")) {
      if (!stale.is_there(bind, "node", list_end(document, "nodes"))) continue;
      const auto node = static_cast<std::size_t>(bind.get<std::int64_t>("node"));
      const int mesh = document.model.nodes[node].mesh;
      if (mesh < 0 || mesh >= list_end(document, "meshes")) {
        stale.add();
        continue;
      }
      add_bind(document, bind, mesh, 1, expression, stale);
    }
    vrm.expressions.emplace(name, std::move(expression));
  }
}

void read_version_1(const GltfDocument& document, const ConfigReader& extension, VrmDescription& vrm) {
  const auto humanoid = optional_object(extension, "humanoid", vrm);
  if (const auto bones = humanoid ? optional_object(*humanoid, "humanBones", vrm) : std::nullopt) {
    const auto named = humanoid->get<nlohmann::json>("humanBones");
    for (const auto& [name, value] : named.items()) {
      add_bone(document, vrm, name, bones->object(name));
    }
  }
  read_eye_range(optional_object(extension, "lookAt", vrm), vrm);
  StaleReferences annotations("first-person annotations");
  if (const auto first_person = optional_object(extension, "firstPerson", vrm)) {
    read_first_person(*first_person, "node", "type", list_end(document, "nodes"), vrm.first_person_nodes,
                      annotations);
  }
  annotations.tell(vrm);
  vrm.has_spring_bones = document.json["extensions"].contains("VRMC_springBone");
  const auto expressions = optional_object(extension, "expressions", vrm);
  if (!expressions) return;
  StaleReferences stale("binds of expressions");
  for (const char* kind : {"preset", "custom"}) read_expressions_1(document, *expressions, kind, vrm, stale);
  stale.tell(vrm);
}

/// Throws unless the bones that every rig needs are there, each on a node of its own. Of others that share a
/// node, one stays.
void check_bones(const GltfDocument& document, VrmDescription& vrm) {
  std::map<int, string> bone_of_nodes;
  for (const char* name : kNeededBones) {
    if (!vrm.bones.contains(name)) {
      document.fail("humanoid", string("has no bone '") + name +
                                    "', which VRM requires; assign it in the program that exports the model");
    }
    const auto [bone, is_new] = bone_of_nodes.emplace(vrm.bones.at(name), name);
    if (!is_new) {
      document.fail("humanoid",
                    "has the bones '" + bone->second + "' and '" + name +
                        "' on one node; assign each to its own in the program that exports the model");
    }
  }
  std::erase_if(vrm.bones, [&](const auto& bone) {
    const string& name = bone.first;
    if (bone_of_nodes.emplace(bone.second, name).first->second == name) return false;
    vrm.notes.push_back("The bone '" + name + "' has the node of another one and was passed over.");
    return true;
  });
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
  if (const auto meta = optional_object(extension, "meta", vrm)) read_meta(*meta, vrm);
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
