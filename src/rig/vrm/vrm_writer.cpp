#include <algorithm>
#include <cmath>
#include <map>

#include "gltf_builder.h"
#include "humanoid_nodes.h"
#include "parameter_table.h"
#include "rig_extras.h"
#include "tiny_gltf_memory.h"
#include "vrm_material_writer.h"
#include <glm/gtc/matrix_transform.hpp>

#include "tha4/base/atomic_file.h"
#include "tha4/rig/vrm.h"

namespace tha4 {
namespace {

using nlohmann::json;
using std::string;

/// A head of 128 pixels is a quarter of a metre; a power of two, so that offsets do not change by rounding.
constexpr float kPixelsPerMetre = 512;
constexpr float kHeightOfHips = 460;  // pixels above the floor: 0.9 metres

json json_of(const glm::vec3& vector) {
  return {vector.x, vector.y, vector.z};
}

/// Nodes of the skeleton, which come first in the file; the skin that all meshes share.
void write_skeleton(const HumanoidNodes& humanoid, std::size_t rig_bone_count, const RigPlacement& placement,
                    GltfBuilder& gltf) {
  const auto& bones = humanoid.bones;
  for (const Bone& bone : bones) {
    glm::vec3 place = placement.metres(bone.joint);
    if (bone.parent >= 0) place -= placement.metres(bones[static_cast<std::size_t>(bone.parent)].joint);
    gltf.add("nodes", {{"name", bone.name}, {"translation", json_of(place)}});
  }
  for (std::size_t i = 0; i < bones.size(); ++i) {
    if (bones[i].parent >= 0)
      gltf.json["nodes"][static_cast<std::size_t>(bones[i].parent)]["children"].push_back(i);
  }
  const int hips = humanoid.roles.at("hips");
  json joints = json::array();
  std::vector<glm::mat4> inverse_binds;
  // Meshes that name no bones follow bone 0; so must those of a rig without any.
  const std::size_t joint_count = std::max<std::size_t>(rig_bone_count, 1);
  for (std::size_t i = 0; i < joint_count; ++i) {
    const std::size_t node = rig_bone_count == 0 ? static_cast<std::size_t>(hips) : i;
    joints.push_back(node);
    inverse_binds.push_back(glm::translate(glm::mat4(1), -placement.metres(bones[node].joint)));
  }
  gltf.add(
      "skins",
      {{"joints", joints}, {"skeleton", hips}, {"inverseBindMatrices", gltf.add_matrices(inverse_binds)}});
  gltf.json["scene"] = 0;
  gltf.add("scenes", {{"nodes", {hips}}});
}

/// Each vertex once, in ascending order, as glTF wants it.
std::map<std::uint32_t, glm::vec3> ordered(const Morph& morph) {
  std::map<std::uint32_t, glm::vec3> offsets;
  for (std::size_t i = 0; i < morph.vertices.size(); ++i) {
    const auto [place, is_new] = offsets.try_emplace(morph.vertices[i], morph.offsets[i]);
    if (!is_new) place->second += morph.offsets[i];
  }
  return offsets;
}

int write_morph(const Morph& morph, std::size_t vertex_count, const RigPlacement& placement,
                GltfBuilder& gltf) {
  std::vector<std::uint32_t> vertices;
  std::vector<glm::vec3> offsets;
  for (const auto& [vertex, offset] : ordered(morph)) {
    vertices.push_back(vertex);
    offsets.push_back(placement.metre_offset(offset));
  }
  return gltf.add_offsets(vertices, offsets, vertex_count);
}

json write_attributes(const Mesh& mesh, const RigPlacement& placement, GltfBuilder& gltf) {
  const std::size_t count = mesh.positions.size();
  std::vector<glm::vec3> positions;
  std::vector<glm::vec3> normals;
  bool is_rounded = false;
  for (std::size_t v = 0; v < count; ++v) {
    positions.push_back(placement.metres(mesh.positions[v]));
    is_rounded = is_rounded || placement.pixels(positions.back()) != mesh.positions[v];
    const glm::vec3 normal = mesh.normals.empty() ? glm::vec3(0, 0, 1) : mesh.normals[v];
    normals.emplace_back(normal.x, -normal.y, normal.z);
  }
  json attributes = {{"POSITION", gltf.add_positions(positions)}, {"NORMAL", gltf.add_vectors(normals)}};
  if (is_rounded) attributes["_THA4_POSITION"] = gltf.add_vectors(std::span<const glm::vec3>(mesh.positions));
  if (!mesh.texture_coordinates.empty()) {
    attributes["TEXCOORD_0"] = gltf.add_vectors(std::span<const glm::vec2>(mesh.texture_coordinates));
  }
  if (!mesh.colors.empty()) {
    attributes["COLOR_0"] = gltf.add_vectors(std::span<const glm::vec4>(mesh.colors));
  }
  if (!mesh.bones.empty()) {
    attributes["JOINTS_0"] = gltf.add_joints(mesh.bones);
    attributes["WEIGHTS_0"] = gltf.add_vectors(std::span<const glm::vec4>(mesh.bone_weights));
  } else {
    attributes["JOINTS_0"] = gltf.add_joints(std::vector<glm::u16vec4>(count, glm::u16vec4(0)));
    attributes["WEIGHTS_0"] = gltf.add_vectors(std::vector<glm::vec4>(count, glm::vec4(1, 0, 0, 0)));
  }
  return attributes;
}

/// Writes a mesh and its node; returns the node, or -1 where there is nothing to draw.
int write_mesh(const Mesh& mesh, const RigPlacement& placement, VrmMaterialWriter& materials,
               GltfBuilder& gltf) {
  if (mesh.triangles.empty()) return -1;
  json primitive = {{"attributes", write_attributes(mesh, placement, gltf)},
                    {"indices", gltf.add_indices(mesh.triangles)},
                    {"material", materials.material_for(mesh)},
                    {"mode", TINYGLTF_MODE_TRIANGLES}};
  json result = {{"name", mesh.name}};
  for (const Morph& morph : mesh.morphs) {
    primitive["targets"].push_back(
        {{"POSITION", write_morph(morph, mesh.positions.size(), placement, gltf)}});
    result["extras"]["targetNames"].push_back(morph.name);
  }
  result["primitives"].push_back(std::move(primitive));
  const int index = gltf.add("meshes", std::move(result));
  const int node = gltf.add("nodes", {{"name", mesh.name}, {"mesh", index}, {"skin", 0}});
  gltf.json["scenes"][0]["nodes"].push_back(node);
  return node;
}

/// What moves the morphs of \p rig as \p pose does.
json expression_for(const Rig& rig, const Pose& pose, const std::vector<int>& nodes) {
  json binds = json::array();
  for (const auto& [name, weight] : morph_weights(rig, pose)) {
    const float within = std::clamp(weight, 0.0F, 1.0F);
    if (within == 0) continue;
    for (std::size_t m = 0; m < rig.meshes.size(); ++m) {
      const auto& morphs = rig.meshes[m].morphs;
      for (std::size_t t = 0; t < morphs.size(); ++t) {
        if (morphs[t].name == name && nodes[m] >= 0) {
          binds.push_back({{"node", nodes[m]}, {"index", t}, {"weight", within}});
        }
      }
    }
  }
  json expression = {{"isBinary", false}};
  if (!binds.empty()) expression["morphTargetBinds"] = std::move(binds);
  return expression;
}

json expressions_of(const Rig& rig, const std::vector<int>& nodes) {
  json result = {{"preset", json::object()}, {"custom", json::object()}};
  for (const auto& [name, pose] : read_parameter_table({}).expressions) {
    result["preset"][name] = expression_for(rig, pose, nodes);
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(kFacePoseSize); ++i) {
    const PoseParameter& parameter = pose_parameters()[i];
    for (const float value : {1.0F, -1.0F}) {
      if (value < parameter.min) continue;
      Pose pose{};
      pose[i] = value;
      json expression = expression_for(rig, pose, nodes);
      if (!expression.contains("morphTargetBinds")) continue;
      result["custom"][string(parameter.name) + (value < 0 ? "_negative" : "")] = std::move(expression);
    }
  }
  return result;
}

/// How far the eyes turn, from the rig's own controls.
json look_at_of(const Rig& rig) {
  float pitch = 0;
  float yaw = 0;
  const auto largest_turn = [&](const char* parameter, int axis) {
    float degrees = 0;
    for (const auto& turn : rig.controls[static_cast<std::size_t>(pose_parameter_index(parameter))].turns) {
      degrees = std::max(degrees, std::abs(turn.degrees[axis]));
    }
    return degrees;
  };
  pitch = largest_turn("iris_rotation_x", 0);
  yaw = largest_turn("iris_rotation_y", 1);
  const bool by_bone = pitch > 0 || yaw > 0;
  const auto map = [&](float degrees) {
    return json{{"inputMaxValue", 90}, {"outputScale", by_bone ? degrees : 1.0F}};
  };
  return {{"type", by_bone ? "bone" : "expression"}, {"offsetFromHeadBone", {0, 0.06, 0}},
          {"rangeMapHorizontalInner", map(yaw)},     {"rangeMapHorizontalOuter", map(yaw)},
          {"rangeMapVerticalUp", map(pitch)},        {"rangeMapVerticalDown", map(pitch)}};
}

json meta_of(const string& name, const VrmMeta& meta) {
  json result = {{"name", name},
                 {"authors", {meta.author.empty() ? "unknown" : meta.author}},
                 {"licenseUrl", "https://vrm.dev/licenses/1.0/"}};
  if (!meta.terms.empty()) {
    json terms = json::parse(meta.terms);
    terms["name"] = name;
    result.update(terms);
    return result;
  }
  if (meta.is_free) {
    result["avatarPermission"] = "everyone";
    result["commercialUsage"] = "corporation";
    result["creditNotation"] = "unnecessary";
    result["allowRedistribution"] = true;
    result["modification"] = "allowModificationRedistribution";
  }
  return result;
}

json human_bones_of(const HumanoidNodes& humanoid) {
  json bones = json::object();
  for (const auto& [role, node] : humanoid.roles) bones[role] = {{"node", node}};
  return bones;
}

}  // namespace

void write_vrm(const Rig& rig, const std::filesystem::path& file, const VrmMeta& meta) {
  check_rig(rig, "the rig for " + file.string());
  const HumanoidNodes humanoid = make_humanoid_nodes(rig.bones);
  const glm::vec3 hips = humanoid.bones[static_cast<std::size_t>(humanoid.roles.at("hips"))].joint;
  const RigPlacement placement{kPixelsPerMetre, {256, std::round(hips.y + kHeightOfHips), 0}};

  GltfBuilder gltf;
  write_skeleton(humanoid, rig.bones.size(), placement, gltf);
  VrmMaterialWriter materials(rig, kPixelsPerMetre, gltf);
  std::vector<int> nodes;
  for (const Mesh& mesh : rig.meshes) nodes.push_back(write_mesh(mesh, placement, materials, gltf));

  gltf.json["extensionsUsed"] = {"VRMC_vrm", "VRMC_materials_mtoon", "KHR_materials_unlit"};
  gltf.json["extensions"]["VRMC_vrm"] = {
      {"specVersion", "1.0"},
      {"meta", meta_of(rig.name.empty() ? file.stem().string() : rig.name, meta)},
      {"humanoid", {{"humanBones", human_bones_of(humanoid)}}},
      {"lookAt", look_at_of(rig)},
      {"expressions", expressions_of(rig, nodes)}};
  gltf.json["extras"]["tha4"] = rig_extras(rig, placement, nodes);
  write_text_file(file, gltf.bytes());
}

}  // namespace tha4
