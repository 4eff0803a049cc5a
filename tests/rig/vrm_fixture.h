#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <glm/vec3.hpp>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tha4/base/atomic_file.h"
#include "tha4/image/image_io.h"

// VRM files put together byte by byte, so that tests need no downloaded model and can spoil any part.

namespace tha4::test {

using nlohmann::json;

inline std::string little_endian(std::uint32_t value) {
  std::string bytes;
  for (int i = 0; i < 4; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  return bytes;
}

inline std::string glb_chunk(const char* type, std::string content, char padding) {
  while (content.size() % 4 != 0) content += padding;
  return little_endian(static_cast<std::uint32_t>(content.size())) + std::string(type, 4) + content;
}

inline std::string glb_file(const std::string& text, const std::string& binary) {
  const std::string chunks = glb_chunk("JSON", text, ' ') + glb_chunk("BIN\0", binary, '\0');
  return "glTF" + little_endian(2) + little_endian(static_cast<std::uint32_t>(12 + chunks.size())) + chunks;
}

/// A glTF file in the making.
struct GltfFile {
  json content;
  std::string binary;

  std::string bytes() const {
    json whole = content;
    if (!whole.contains("buffers")) whole["buffers"] = json::array({{{"byteLength", binary.size()}}});
    return glb_file(whole.dump(), binary);
  }

  /// What a written file holds.
  static GltfFile of(const std::string& bytes) {
    const auto number = [&](std::size_t at) {
      std::uint32_t value;
      std::memcpy(&value, bytes.data() + at, 4);
      return value;
    };
    GltfFile file;
    const std::size_t length = number(12);
    file.content = json::parse(bytes.substr(20, length));
    file.binary = bytes.substr(28 + length, number(20 + length));
    return file;
  }

  int add(const char* list, json entry) {
    content[list].push_back(std::move(entry));
    return static_cast<int>(content[list].size()) - 1;
  }

  int add_view(const void* data, std::size_t size) {
    while (binary.size() % 4 != 0) binary += '\0';
    const std::size_t offset = binary.size();
    binary.append(static_cast<const char*>(data), size);
    return add("bufferViews", {{"buffer", 0}, {"byteOffset", offset}, {"byteLength", size}});
  }

  template <class T>
  int add_accessor(const std::vector<T>& values, int components, const char* type, int component_type) {
    return add("accessors", {{"bufferView", add_view(values.data(), values.size() * sizeof(T))},
                             {"componentType", component_type},
                             {"type", type},
                             {"count", values.size() / static_cast<std::size_t>(components)}});
  }
  int add_vec3(const std::vector<float>& values) { return add_accessor(values, 3, "VEC3", 5126); }
  int add_vec2(const std::vector<float>& values) { return add_accessor(values, 2, "VEC2", 5126); }
  int add_vec4(const std::vector<float>& values) { return add_accessor(values, 4, "VEC4", 5126); }
  int add_joints(const std::vector<std::uint8_t>& values) { return add_accessor(values, 4, "VEC4", 5121); }
  int add_indices(const std::vector<std::uint16_t>& values) {
    return add_accessor(values, 1, "SCALAR", 5123);
  }
  int add_matrices(const std::vector<float>& values) { return add_accessor(values, 16, "MAT4", 5126); }
};

/// A VRM avatar of boxes: a head with morphs, an iris on each eye bone, and a left arm in T-pose.
struct BoxAvatar {
  GltfFile file;
  bool is_version_0;
  std::vector<std::string> bone_names;
  std::vector<glm::vec3> joints;  ///< in metres, of a model that looks along +z
  int head_mesh = -1;

  explicit BoxAvatar(bool is_version_0_ = false) : is_version_0(is_version_0_) {
    file.content["asset"] = {{"version", "2.0"}};
    add_skeleton();
    head_mesh = add_mesh("Face", box({-0.1F, 1.42F, -0.1F}, {0.1F, 1.64F, 0.1F}), "head");
    const float close = -0.02F;
    // Corners 0 to 7 of a box: bit 0 is +x (the character's left), bit 1 +y, bit 2 +z (the front).
    add_morph(head_mesh, "Fcl_EYE_Close_L", {{7, {0, close, 0}}});
    add_morph(head_mesh, "Fcl_BRW_Angry", {{6, {0, close, 0}}, {7, {0, close, 0}}});
    add_sparse_morph(head_mesh, "Fcl_MTH_A", 4, {0, -0.01F, 0});
    add_mesh("LeftIris", box({0.03F, 1.5F, 0.1F}, {0.05F, 1.52F, 0.11F}), "leftEye");
    add_mesh("RightIris", box({-0.05F, 1.5F, 0.1F}, {-0.03F, 1.52F, 0.11F}), "rightEye");
    add_mesh("Arm", box({0.2F, 1.27F, -0.03F}, {0.7F, 1.33F, 0.03F}), "leftUpperArm");
    add_extension();
  }

  int bone(const std::string& name) const {
    for (std::size_t i = 0; i < bone_names.size(); ++i) {
      if (bone_names[i] == name) return static_cast<int>(i);
    }
    return -1;
  }

  /// In the coordinates of the file: VRM 0.x looks along -z.
  glm::vec3 placed(const glm::vec3& point) const {
    return is_version_0 ? glm::vec3(-point.x, point.y, -point.z) : point;
  }

  static std::vector<glm::vec3> box(const glm::vec3& min, const glm::vec3& max) {
    std::vector<glm::vec3> corners;
    for (int i = 0; i < 8; ++i) {
      corners.push_back(
          {(i & 1) != 0 ? max.x : min.x, (i & 2) != 0 ? max.y : min.y, (i & 4) != 0 ? max.z : min.z});
    }
    return corners;
  }

  int add_mesh(const std::string& name, const std::vector<glm::vec3>& corners, const std::string& bone_name) {
    std::vector<float> positions;
    std::vector<float> normals;
    std::vector<float> coordinates;
    std::vector<std::uint8_t> joint_numbers;
    std::vector<float> weights;
    for (std::size_t i = 0; i < corners.size(); ++i) {
      const glm::vec3 place = placed(corners[i]);
      const glm::vec3 normal = placed({0, 0, (i & 4) != 0 ? 1.0F : -1.0F});
      positions.insert(positions.end(), {place.x, place.y, place.z});
      normals.insert(normals.end(), {normal.x, normal.y, normal.z});
      coordinates.insert(coordinates.end(), {(i & 1) != 0 ? 1.0F : 0.0F, (i & 2) != 0 ? 0.0F : 1.0F});
      joint_numbers.insert(joint_numbers.end(), {static_cast<std::uint8_t>(bone(bone_name)), 0, 0, 0});
      weights.insert(weights.end(), {1, 0, 0, 0});
    }
    // The front and the back, counter-clockwise as seen from outside.
    const std::vector<std::uint16_t> indices = {4, 5, 7, 4, 7, 6, 1, 0, 2, 1, 2, 3};
    const int mesh = file.add("meshes", {{"name", name},
                                         {"primitives",
                                          {{{"attributes",
                                             {{"POSITION", file.add_vec3(positions)},
                                              {"NORMAL", file.add_vec3(normals)},
                                              {"TEXCOORD_0", file.add_vec2(coordinates)},
                                              {"JOINTS_0", file.add_joints(joint_numbers)},
                                              {"WEIGHTS_0", file.add_vec4(weights)}}},
                                            {"indices", file.add_indices(indices)}}}}});
    const int node = file.add("nodes", {{"name", name}, {"mesh", mesh}, {"skin", 0}});
    file.content["scenes"][0]["nodes"].push_back(node);
    return mesh;
  }

  json& primitive(int mesh) {
    return file.content["meshes"][static_cast<std::size_t>(mesh)]["primitives"][0];
  }

  void name_morph(int mesh, const std::string& name, int accessor) {
    primitive(mesh)["targets"].push_back({{"POSITION", accessor}});
    json& owner = is_version_0 ? primitive(mesh) : file.content["meshes"][static_cast<std::size_t>(mesh)];
    owner["extras"]["targetNames"].push_back(name);
  }

  void add_morph(int mesh, const std::string& name, const std::vector<std::pair<int, glm::vec3>>& moved) {
    std::vector<float> offsets(24, 0.0F);
    for (const auto& [corner, offset] : moved) {
      const glm::vec3 placed_offset = placed(offset);
      for (int k = 0; k < 3; ++k) offsets[static_cast<std::size_t>(3 * corner + k)] = placed_offset[k];
    }
    name_morph(mesh, name, file.add_vec3(offsets));
  }

  void add_sparse_morph(int mesh, const std::string& name, std::uint16_t corner, const glm::vec3& offset) {
    const glm::vec3 value = placed(offset);
    const int accessor = file.add(
        "accessors",
        {{"componentType", 5126},
         {"type", "VEC3"},
         {"count", 8},
         {"sparse",
          {{"count", 1},
           {"indices", {{"bufferView", file.add_view(&corner, sizeof corner)}, {"componentType", 5123}}},
           {"values", {{"bufferView", file.add_view(&value, sizeof value)}}}}}});
    name_morph(mesh, name, accessor);
  }

  /// Lays a picture, as PNG in the file, on a new material of \p mesh.
  int add_textured_material(int mesh, const RgbaImage& picture, json material) {
    const std::string png = png_bytes(picture);
    const int image = file.add(
        "images", {{"bufferView", file.add_view(png.data(), png.size())}, {"mimeType", "image/png"}});
    const int texture = file.add("textures", {{"source", image}});
    material["pbrMetallicRoughness"]["baseColorTexture"] = {{"index", texture}};
    const int index = file.add("materials", std::move(material));
    primitive(mesh)["material"] = index;
    return texture;
  }

  json& vrm() { return file.content["extensions"][is_version_0 ? "VRM" : "VRMC_vrm"]; }

  std::filesystem::path write(const std::string& name) const {
    const auto path = std::filesystem::path(testing::TempDir()) / "tha4_vrm" / name;
    write_text_file(path, file.bytes());
    return path;
  }

 private:
  void add_bone(const std::string& name, const std::string& parent, const glm::vec3& joint) {
    const int above = bone(parent);
    const glm::vec3 local = placed(above < 0 ? joint : joint - joints[static_cast<std::size_t>(above)]);
    bone_names.push_back(name);
    joints.push_back(joint);
    const int node = file.add("nodes", {{"name", name}, {"translation", {local.x, local.y, local.z}}});
    if (above >= 0) file.content["nodes"][static_cast<std::size_t>(above)]["children"].push_back(node);
  }

  void add_skeleton() {
    add_bone("hips", "", {0, 0.9F, 0});
    add_bone("spine", "hips", {0, 1, 0});
    add_bone("chest", "spine", {0, 1.15F, 0});
    add_bone("neck", "chest", {0, 1.36F, 0});
    add_bone("head", "neck", {0, 1.43F, 0});
    for (const float side : {1.0F, -1.0F}) {
      const std::string prefix = side > 0 ? "left" : "right";
      add_bone(prefix + "Eye", "head", {side * 0.04F, 1.51F, 0});
      add_bone(prefix + "UpperArm", "chest", {side * 0.2F, 1.3F, 0});
      add_bone(prefix + "LowerArm", prefix + "UpperArm", {side * 0.45F, 1.3F, 0});
      add_bone(prefix + "Hand", prefix + "LowerArm", {side * 0.65F, 1.3F, 0});
      add_bone(prefix + "UpperLeg", "hips", {side * 0.1F, 0.85F, 0});
      add_bone(prefix + "LowerLeg", prefix + "UpperLeg", {side * 0.1F, 0.45F, 0});
      add_bone(prefix + "Foot", prefix + "LowerLeg", {side * 0.1F, 0.08F, 0});
    }
    std::vector<float> inverse_binds;
    json joint_numbers = json::array();
    for (std::size_t i = 0; i < joints.size(); ++i) {
      const glm::vec3 place = placed(joints[i]);
      inverse_binds.insert(inverse_binds.end(), {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0});
      inverse_binds.insert(inverse_binds.end(), {-place.x, -place.y, -place.z, 1});
      joint_numbers.push_back(i);
    }
    file.add("skins", {{"joints", joint_numbers}, {"inverseBindMatrices", file.add_matrices(inverse_binds)}});
    file.content["scene"] = 0;
    file.content["scenes"] = json::array({{{"nodes", json::array({0})}}});
  }

  void add_extension() {
    json bones = is_version_0 ? json::array() : json::object();
    for (std::size_t i = 0; i < bone_names.size(); ++i) {
      if (is_version_0) {
        bones.push_back({{"bone", bone_names[i]}, {"node", i}});
      } else {
        bones[bone_names[i]] = {{"node", i}};
      }
    }
    vrm()["humanoid"]["humanBones"] = std::move(bones);
    if (is_version_0) {
      vrm()["meta"] = {{"title", "Boxes"}, {"author", "A test"}, {"licenseName", "CC0"}};
    } else {
      vrm()["specVersion"] = "1.0";
      vrm()["meta"] = {{"name", "Boxes"},
                       {"authors", json::array({"A test"})},
                       {"licenseUrl", "https://vrm.dev/licenses/1.0/"}};
    }
  }
};

}  // namespace tha4::test
