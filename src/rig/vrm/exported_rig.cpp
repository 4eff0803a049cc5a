#include "exported_rig.h"

#include <algorithm>
#include <set>

#include "gltf_accessors.h"
#include "mesh_totals.h"
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

/// Reads the rig's meshes from those of the document.
class MeshReader {
 public:
  MeshReader(const GltfDocument& document, const RigExtras& extras)
      : document_(document),
        extras_(extras),
        target_names_(morph_target_names(document)),
        totals_(document) {}

  /// The vertices, triangles and morphs of the mesh \p index of the rig.
  void read(size_t index, Mesh& mesh) {
    if (extras_.nodes[index] < 0) return;
    const auto place = static_cast<size_t>(place_of(index));
    const tinygltf::Primitive& primitive = document_.model.meshes[place].primitives[0];
    const string part = "meshes." + std::to_string(place) + ".primitives.0";
    read_positions(primitive, part, mesh);
    const size_t count = mesh.positions.size();
    if (extras_.has_normals[index]) {
      mesh.normals = read_vec3(document_, attribute(primitive, "NORMAL", part, count), part + ".NORMAL");
      for (glm::vec3& normal : mesh.normals) normal.y = -normal.y;
    }
    if (primitive.attributes.contains("TEXCOORD_0")) {
      mesh.texture_coordinates =
          read_vec2(document_, attribute(primitive, "TEXCOORD_0", part, count), part + ".TEXCOORD_0");
    }
    if (primitive.attributes.contains("COLOR_0")) {
      mesh.colors = read_color(document_, attribute(primitive, "COLOR_0", part, count), part + ".COLOR_0");
    }
    if (extras_.has_bones[index]) read_bones(primitive, part, mesh);
    const string indices = part + ".indices";
    totals_.add_corners(accessor_count(document_, primitive.indices, indices, kMaxCornerCount));
    mesh.triangles = read_integers(document_, primitive.indices, 1, indices, kMaxCornerCount);
    read_morphs(primitive, target_names_[place], part, mesh);
  }

 private:
  /// The document's mesh for the mesh \p index of the rig: each has one of its own.
  int place_of(size_t index) {
    const string own_part = "extras.tha4.meshes." + std::to_string(index);
    const auto node = static_cast<size_t>(extras_.nodes[index]);
    const auto& nodes = document_.model.nodes;
    const auto& meshes = document_.model.meshes;
    const int place = node < nodes.size() ? nodes[node].mesh : -1;
    if (place < 0 || static_cast<size_t>(place) >= meshes.size() ||
        meshes[static_cast<size_t>(place)].primitives.size() != 1) {
      document_.fail(own_part, string("names a node that has not one mesh of one part") + kMendExtras);
    }
    if (!taken_.insert(place).second) {
      document_.fail(own_part, string("names a mesh that another one names too") + kMendExtras);
    }
    return place;
  }

  /// The accessor of an attribute, which must have \p count elements.
  int attribute(const tinygltf::Primitive& primitive, const char* name, const string& part,
                size_t count) const {
    const int accessor = accessor_of(primitive, name);
    if (accessor_count(document_, accessor, part + "." + name) != count) {
      document_.fail(part + "." + name,
                     string("has not as many elements as there are vertices") + kMendExtras);
    }
    return accessor;
  }

  void read_positions(const tinygltf::Primitive& primitive, const string& part, Mesh& mesh) {
    const int positions = accessor_of(primitive, "POSITION");
    totals_.add_vertices(accessor_count(document_, positions, part + ".POSITION"));
    mesh.positions = read_vec3(document_, positions, part + ".POSITION");
    for (glm::vec3& position : mesh.positions) position = extras_.placement.pixels(position);
    if (const int exact = accessor_of(primitive, "_THA4_POSITION"); exact >= 0) {
      restore_pixels(read_vec3(document_, exact, part + "._THA4_POSITION"), mesh.positions);
    }
  }

  void read_bones(const tinygltf::Primitive& primitive, const string& part, Mesh& mesh) const {
    const size_t count = mesh.positions.size();
    const auto bones = read_integers(document_, attribute(primitive, "JOINTS_0", part, count), 4,
                                     part + ".JOINTS_0", kMaxVertexCount);
    for (size_t i = 0; i + 3 < bones.size(); i += 4) {
      mesh.bones.emplace_back(bones[i], bones[i + 1], bones[i + 2], bones[i + 3]);
    }
    mesh.bone_weights =
        read_vec4(document_, attribute(primitive, "WEIGHTS_0", part, count), part + ".WEIGHTS_0");
  }

  void read_morphs(const tinygltf::Primitive& primitive, const std::vector<string>& names, const string& part,
                   Mesh& mesh) {
    for (size_t t = 0; t < primitive.targets.size(); ++t) {
      const auto found = primitive.targets[t].find("POSITION");
      if (found == primitive.targets[t].end()) continue;
      SparseVectors offsets = read_offsets(document_, found->second, mesh.positions.size(),
                                           part + ".targets." + std::to_string(t));
      totals_.add_morph_entries(offsets.places.size());
      for (glm::vec3& offset : offsets.values) offset = extras_.placement.pixel_offset(offset);
      mesh.morphs.push_back({names[t], std::move(offsets.places), std::move(offsets.values)});
    }
  }

  const GltfDocument& document_;
  const RigExtras& extras_;
  std::vector<std::vector<string>> target_names_;
  MeshTotals totals_;
  std::set<int> taken_;
};

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
  MeshReader meshes(document, extras);
  for (size_t i = 0; i < extras.rig.meshes.size(); ++i) meshes.read(i, extras.rig.meshes[i]);
  check_rig(extras.rig, document.name);
  return std::move(extras.rig);
}

}  // namespace tha4
