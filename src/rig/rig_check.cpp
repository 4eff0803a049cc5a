#include <cmath>
#include <unordered_set>

#include "tha4/base/error.h"
#include "tha4/rig/rig.h"

namespace tha4 {
namespace {

bool is_finite(float value) {
  return std::isfinite(value);
}

template <int N>
bool is_finite(const glm::vec<N, float, glm::defaultp>& value) {
  for (int i = 0; i < N; ++i) {
    if (!std::isfinite(value[i])) return false;
  }
  return true;
}

template <class Value>
bool all_finite(const std::vector<Value>& values) {
  for (const Value& value : values) {
    if (!is_finite(value)) return false;
  }
  return true;
}

/// Says what is wrong with one part of a rig.
class Part {
 public:
  Part(std::string source, const std::string& name) : where_(std::move(source) + ": " + name + ": ") {}

  void require(bool is_right, const std::string& otherwise) const {
    if (!is_right) throw InputError(where_ + otherwise);
  }
  void require_index(std::int64_t index, std::size_t count, const char* what) const {
    if (index >= 0 && index < static_cast<std::int64_t>(count)) return;
    throw InputError(where_ + what + " " + std::to_string(index) + " is not among the " +
                     std::to_string(count) + " there are");
  }
  void require_length(std::size_t length, std::size_t right, const char* what) const {
    if (length == right) return;
    throw InputError(where_ + std::to_string(length) + " " + what + ", where there must be " +
                     std::to_string(right));
  }

 private:
  std::string where_;
};

void check_texture(const RgbaImage& texture, const Part& part) {
  part.require(texture.width > 0 && texture.height > 0, "the picture is empty");
  part.require_length(texture.pixels.size(), static_cast<std::size_t>(texture.width) * texture.height * 4,
                      "bytes of pixels");
}

void check_material(const Material& material, std::size_t textures, const Part& part) {
  if (material.texture != -1) part.require_index(material.texture, textures, "texture");
  part.require(is_finite(material.color) && is_finite(material.shade_color) &&
                   is_finite(material.outline_color) && is_finite(material.shade_threshold) &&
                   is_finite(material.shade_softness) && is_finite(material.outline_width) &&
                   is_finite(material.alpha_cutoff),
               "a number is not finite");
}

void check_bone(const Bone& bone, std::size_t index, const Part& part) {
  part.require(is_finite(bone.joint), "its joint is not finite");
  part.require(bone.parent >= -1 && bone.parent < static_cast<int>(index),
               "its parent does not come before it");
}

void check_morph(const Morph& morph, std::size_t vertices, const Part& part) {
  part.require_length(morph.offsets.size(), morph.vertices.size(), "offsets");
  part.require(all_finite(morph.offsets), "an offset is not finite");
  for (const std::uint32_t vertex : morph.vertices) part.require_index(vertex, vertices, "vertex");
}

void check_skin(const Mesh& mesh, std::size_t bones, const Part& part) {
  part.require_length(mesh.bone_weights.size(), mesh.bones.size(), "bone weights");
  part.require(all_finite(mesh.bone_weights), "a bone weight is not finite");
  for (std::size_t v = 0; v < mesh.bones.size(); ++v) {
    float sum = 0;
    for (int k = 0; k < 4; ++k) {
      part.require_index(mesh.bones[v][k], bones, "bone");
      sum += mesh.bone_weights[v][k];
    }
    part.require(std::abs(sum - 1) < 1e-3F,
                 "the bone weights of vertex " + std::to_string(v) + " do not sum to 1");
  }
}

void check_mesh(const Mesh& mesh, const Rig& rig, const std::string& source, const std::string& name) {
  const Part part(source, name);
  const std::size_t vertices = mesh.positions.size();
  part.require_index(mesh.material, rig.materials.size(), "material");
  part.require(all_finite(mesh.positions) && all_finite(mesh.normals) && all_finite(mesh.texture_coordinates),
               "a vertex is not finite");
  if (!mesh.normals.empty()) part.require_length(mesh.normals.size(), vertices, "normals");
  if (!mesh.texture_coordinates.empty()) {
    part.require_length(mesh.texture_coordinates.size(), vertices, "texture coordinates");
  }
  if (!mesh.colors.empty()) {
    part.require_length(mesh.colors.size(), vertices, "colours");
    part.require(all_finite(mesh.colors), "a colour is not finite");
  }
  if (!mesh.bones.empty() || !mesh.bone_weights.empty()) {
    part.require_length(mesh.bones.size(), vertices, "sets of bones");
    check_skin(mesh, rig.bones.size(), part);
  }
  part.require(mesh.triangles.size() % 3 == 0, "its last triangle is not whole");
  for (const std::uint32_t vertex : mesh.triangles) part.require_index(vertex, vertices, "vertex");
  std::unordered_set<std::string> names;
  for (const Morph& morph : mesh.morphs) {
    part.require(names.insert(morph.name).second, "two morphs are called '" + morph.name + "'");
    check_morph(morph, vertices, Part(source, name + ": morph '" + morph.name + "'"));
  }
}

void check_control(const RigControl& control, std::size_t bones, const Part& part) {
  for (const auto& entry : control.morphs) {
    part.require(is_finite(entry.weight), "the weight of '" + entry.morph + "' is not finite");
  }
  for (const auto& turn : control.turns) {
    part.require_index(turn.bone, bones, "bone");
    part.require(is_finite(turn.degrees), "a turn is not finite");
  }
  for (const auto& shift : control.shifts) {
    part.require_index(shift.bone, bones, "bone");
    part.require(is_finite(shift.offset), "a shift is not finite");
  }
}

void check_limit(const MorphLimit& limit, const Part& part) {
  part.require_length(limit.amounts.size(), limit.morphs.size(), "amounts");
  for (const float amount : limit.amounts) {
    part.require(is_finite(amount) && amount >= 0, "an amount is not a number of 0 or more");
  }
}

}  // namespace

void check_rig(const Rig& rig, const std::string& source) {
  const auto named = [](const char* kind, std::size_t index, const std::string& name) {
    return std::string(kind) + " " + std::to_string(index) + (name.empty() ? "" : " '" + name + "'");
  };
  for (std::size_t i = 0; i < rig.textures.size(); ++i) {
    check_texture(rig.textures[i], Part(source, named("texture", i, "")));
  }
  for (std::size_t i = 0; i < rig.materials.size(); ++i) {
    check_material(rig.materials[i], rig.textures.size(),
                   Part(source, named("material", i, rig.materials[i].name)));
  }
  for (std::size_t i = 0; i < rig.bones.size(); ++i) {
    check_bone(rig.bones[i], i, Part(source, named("bone", i, rig.bones[i].name)));
  }
  for (std::size_t i = 0; i < rig.meshes.size(); ++i) {
    check_mesh(rig.meshes[i], rig, source, named("mesh", i, rig.meshes[i].name));
  }
  for (std::size_t i = 0; i < rig.controls.size(); ++i) {
    check_control(rig.controls[i], rig.bones.size(),
                  Part(source, "control '" + std::string(pose_parameters()[i].name) + "'"));
  }
  for (std::size_t i = 0; i < rig.limits.size(); ++i) {
    check_limit(rig.limits[i], Part(source, named("limit", i, "")));
  }
  for (std::size_t i = 0; i < rig.parameter_limits.size(); ++i) {
    const Part part(source, named("parameter limit", i, ""));
    for (const int parameter : rig.parameter_limits[i].parameters) {
      part.require_index(parameter, rig.controls.size(), "parameter");
    }
  }
}

}  // namespace tha4
