#include "rig_builder.h"

#include <algorithm>
#include <utility>

#include "tha4/base/error.h"

namespace tha4::generator {
namespace {

template <typename T>
int append(std::vector<T>& list, T item) {
  list.push_back(std::move(item));
  return static_cast<int>(list.size()) - 1;
}

}  // namespace

int RigBuilder::add_texture(RgbaImage texture) {
  return append(rig_.textures, std::move(texture));
}
int RigBuilder::add_material(Material material) {
  return append(rig_.materials, std::move(material));
}
int RigBuilder::add_mesh(Mesh mesh) {
  return append(rig_.meshes, std::move(mesh));
}
int RigBuilder::add_bone(Bone bone) {
  return append(rig_.bones, std::move(bone));
}

int RigBuilder::add_painted_material(const std::string& name, RgbaImage texture) {
  Material material;
  material.name = name;
  material.texture = add_texture(std::move(texture));
  return add_material(std::move(material));
}

int RigBuilder::bone(std::string_view name) const {
  const auto place = std::ranges::find(rig_.bones, name, &Bone::name);
  if (place == rig_.bones.end()) throw Error("the skeleton has no bone '" + std::string(name) + "'");
  return static_cast<int>(place - rig_.bones.begin());
}

void RigBuilder::control_morph(std::string_view parameter, const std::string& morph, float weight,
                               bool for_negative) {
  rig_.controls[static_cast<std::size_t>(pose_parameter_index(parameter))].morphs.push_back(
      {morph, weight, for_negative});
}

void RigBuilder::control_turn(std::string_view parameter, int bone, glm::vec3 degrees) {
  rig_.controls[static_cast<std::size_t>(pose_parameter_index(parameter))].turns.push_back({bone, degrees});
}

void RigBuilder::control_shift(std::string_view parameter, int bone, glm::vec3 offset) {
  rig_.controls[static_cast<std::size_t>(pose_parameter_index(parameter))].shifts.push_back({bone, offset});
}

void RigBuilder::add_limit(MorphLimit limit) {
  rig_.limits.push_back(std::move(limit));
}

void RigBuilder::show_in_picture(const std::string& morph) {
  rig_.picture_morphs.push_back(morph);
}

Rig RigBuilder::build(const std::string& name) && {
  rig_.name = name;
  std::ranges::stable_sort(rig_.meshes, {}, &Mesh::layer);
  return std::move(rig_);
}

}  // namespace tha4::generator
