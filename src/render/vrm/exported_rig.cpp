#include "exported_rig.h"

#include "gltf_accessors.h"
#include "rig_extras.h"
#include "vrm_meshes.h"
#include "vrm_textures.h"

namespace tha4 {
namespace {

using std::size_t;
using std::string;

constexpr const char* kMendExtras =
    "; the file was changed after it was exported: export it again, or remove extras.tha4 from it";

/// Where a vertex was to begin with: metres are rounded, so the file also has its pixels. If somebody moved
/// the vertex since, the metres count.
void restore_pixels(const std::vector<glm::vec3>& exact, std::vector<glm::vec3>& positions) {
  if (exact.size() != positions.size()) return;
  constexpr float kRounding = 1e-3F;
  for (size_t v = 0; v < positions.size(); ++v) {
    const glm::vec3 difference = glm::abs(exact[v] - positions[v]);
    if (std::max({difference.x, difference.y, difference.z}) < kRounding) positions[v] = exact[v];
  }
}

int accessor_of(const tinygltf::Primitive& primitive, const char* attribute) {
  const auto found = primitive.attributes.find(attribute);
  return found == primitive.attributes.end() ? -1 : found->second;
}

void read_bones(const GltfDocument& document, const tinygltf::Primitive& primitive, const string& part,
                Mesh& mesh) {
  const auto bones =
      read_integers(document, accessor_of(primitive, "JOINTS_0"), 4, part + ".JOINTS_0", kLargestVertexCount);
  for (size_t i = 0; i + 3 < bones.size(); i += 4) {
    mesh.bones.emplace_back(bones[i], bones[i + 1], bones[i + 2], bones[i + 3]);
  }
  mesh.bone_weights = read_vec4(document, accessor_of(primitive, "WEIGHTS_0"), part + ".WEIGHTS_0");
}

void read_mesh(const GltfDocument& document, const RigExtras& extras, size_t index,
               const std::vector<std::vector<string>>& target_names, size_t& vertex_total, Mesh& mesh) {
  const int node = extras.nodes[index];
  if (node < 0) return;
  const string own_part = "extras.tha4.meshes." + std::to_string(index);
  const auto& nodes = document.model.nodes;
  const int place = static_cast<size_t>(node) < nodes.size() ? nodes[static_cast<size_t>(node)].mesh : -1;
  if (place < 0 || static_cast<size_t>(place) >= document.model.meshes.size() ||
      document.model.meshes[static_cast<size_t>(place)].primitives.size() != 1) {
    document.fail(own_part, string("names a node that has not one mesh of one part") + kMendExtras);
  }
  const tinygltf::Primitive& primitive = document.model.meshes[static_cast<size_t>(place)].primitives[0];
  const string part = "meshes." + std::to_string(place) + ".primitives.0";
  const RigPlacement& placement = extras.placement;

  mesh.positions = read_vec3(document, accessor_of(primitive, "POSITION"), part + ".POSITION");
  vertex_total += mesh.positions.size();
  if (vertex_total > kLargestVertexCount) document.fail("meshes", "have too many vertices in all");
  for (glm::vec3& position : mesh.positions) position = placement.pixels(position);
  if (const int exact = accessor_of(primitive, "_THA4_POSITION"); exact >= 0) {
    restore_pixels(read_vec3(document, exact, part + "._THA4_POSITION"), mesh.positions);
  }
  if (extras.has_normals[index]) {
    mesh.normals = read_vec3(document, accessor_of(primitive, "NORMAL"), part + ".NORMAL");
    for (glm::vec3& normal : mesh.normals) normal.y = -normal.y;
  }
  if (const int coordinates = accessor_of(primitive, "TEXCOORD_0"); coordinates >= 0) {
    mesh.texture_coordinates = read_vec2(document, coordinates, part + ".TEXCOORD_0");
  }
  if (extras.has_bones[index]) read_bones(document, primitive, part, mesh);
  mesh.triangles = read_integers(document, primitive.indices, 1, part + ".indices", kLargestCornerCount);

  for (size_t t = 0; t < primitive.targets.size(); ++t) {
    const auto found = primitive.targets[t].find("POSITION");
    if (found == primitive.targets[t].end()) continue;
    SparseVectors offsets =
        read_offsets(document, found->second, mesh.positions.size(), part + ".targets." + std::to_string(t));
    for (glm::vec3& offset : offsets.values) offset = placement.pixel_offset(offset);
    mesh.morphs.push_back(
        {target_names[static_cast<size_t>(place)][t], std::move(offsets.places), std::move(offsets.values)});
  }
}

}  // namespace

std::optional<Rig> read_exported_rig(const GltfDocument& document) {
  const auto file_extras = document.json.find("extras");
  if (file_extras == document.json.end() || !file_extras->is_object() || !file_extras->contains("tha4")) {
    return std::nullopt;
  }
  RigExtras extras = read_rig_extras((*file_extras)["tha4"], document.name);
  VrmTextures textures(document);
  for (int i = 0; i < extras.texture_count; ++i) textures.add_image(i);
  extras.rig.textures = textures.take();
  const auto target_names = morph_target_names(document);
  size_t vertex_total = 0;
  for (size_t i = 0; i < extras.rig.meshes.size(); ++i) {
    read_mesh(document, extras, i, target_names, vertex_total, extras.rig.meshes[i]);
  }
  check_rig(extras.rig, document.name);
  return std::move(extras.rig);
}

}  // namespace tha4
