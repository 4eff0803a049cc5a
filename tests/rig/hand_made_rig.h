#pragma once

#include "rig/pose_of.h"

#include "tha4/rig/rig.h"

// A small rig whose frames can be worked out by hand: square sheets of one colour or of a chequered texture.

namespace tha4::test {

inline constexpr int kHeadBone = 1;

/// Adds a sheet of one material, \p size pixels wide and high around \p centre, following \p bone.
inline Mesh& add_sheet(Rig& rig, const std::string& name, const glm::vec3& centre, float size, int material,
                       int layer, int bone) {
  Mesh mesh;
  mesh.name = name;
  mesh.material = material;
  mesh.layer = layer;
  const float half = size / 2;
  for (const glm::vec2 corner : {glm::vec2{0, 0}, {1, 0}, {1, 1}, {0, 1}}) {
    mesh.positions.push_back(centre + glm::vec3((corner * 2.0F - 1.0F) * half, 0));
    mesh.texture_coordinates.push_back(corner);
    mesh.bones.push_back(glm::u16vec4(bone, 0, 0, 0));
    mesh.bone_weights.push_back({1, 0, 0, 0});
  }
  mesh.triangles = {0, 2, 1, 0, 3, 2};
  rig.meshes.push_back(std::move(mesh));
  return rig.meshes.back();
}

inline int add_material(Rig& rig, const glm::vec4& color, int texture = -1) {
  Material material;
  material.name = "material " + std::to_string(rig.materials.size());
  material.color = color;
  material.texture = texture;
  rig.materials.push_back(material);
  return static_cast<int>(rig.materials.size()) - 1;
}

/// A texture of soft waves: neighbours differ little, places far apart differ much.
inline RgbaImage wavy_picture(int size) {
  RgbaImage picture(size, size);
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      std::uint8_t* const pixel = &picture.pixels[(static_cast<std::size_t>(y) * size + x) * 4];
      pixel[0] = static_cast<std::uint8_t>(40 + 160 * x / size);
      pixel[1] = static_cast<std::uint8_t>(200 - 160 * y / size);
      pixel[2] = static_cast<std::uint8_t>(120 + 80 * (x + y) / (2 * size));
      pixel[3] = 255;
    }
  }
  return picture;
}

/// Two sheets: a "back" one that stays and a smaller "front" one that follows the bone "head". The parameter
/// "head_y" shifts the head by 24 pixels to the right, "neck_z" turns it by 10 degrees, and "mouth_aaa" grows
/// the front sheet downwards by 16 pixels.
inline Rig hand_made_rig() {
  Rig rig;
  rig.name = "two sheets";
  rig.bones = {{"hips", -1, {256, 400, 0}}, {"head", 0, {256, 200, 0}}};
  rig.textures = {wavy_picture(64)};
  const int textured = add_material(rig, glm::vec4(1), 0);
  const int red = add_material(rig, {1, 0.25F, 0.25F, 1});
  add_sheet(rig, "back", {256, 220, 0}, 200, red, 0, 0);
  Mesh& front = add_sheet(rig, "front", {256, 144, 20}, 80, textured, 1, kHeadBone);
  front.morphs.push_back({"open", {2, 3}, {{0, 16, 0}, {0, 16, 0}}});
  const auto control = [&](const char* name) -> RigControl& {
    return rig.controls[static_cast<std::size_t>(pose_parameter_index(name))];
  };
  control("head_y").shifts = {{kHeadBone, {24, 0, 0}}};
  control("neck_z").turns = {{kHeadBone, {0, 0, 10}}};
  control("mouth_aaa").morphs = {{"open", 1, false}};
  return rig;
}

}  // namespace tha4::test
