#include "vrm_meshes.h"

#include <algorithm>
#include <cmath>

#include "gltf_accessors.h"
#include "mesh_totals.h"
#include "vrm_weights.h"
#include <glm/gtc/matrix_inverse.hpp>

namespace tha4 {
namespace {

using std::size_t;
using std::string;

constexpr float kFarthest = 1e4F;  // metres

/// One primitive as the file holds it, with the vertices that its triangles use.
struct Primitive {
  const tinygltf::Primitive* source = nullptr;
  string part;                        ///< for messages
  std::vector<std::uint32_t> places;  ///< of each vertex of the file: its new index, or kUnusedVertex
  size_t vertex_count = 0;            ///< in the file
  std::vector<float> weights;         ///< of its morph targets at rest; those that are missing are 0
};

/// The weights with which the morph targets of a mesh stand where nothing moves them: the node's, or else the
/// mesh's. Those that an expression sets are 0 at rest, whatever they were when the file was written.
std::vector<float> weights_at_rest(const GltfDocument& document, const tinygltf::Node& node,
                                   const VrmDescription& vrm) {
  constexpr double kLargest = 10;
  const tinygltf::Mesh& mesh = document.model.meshes[static_cast<size_t>(node.mesh)];
  std::vector<float> weights;
  for (const double weight : node.weights.empty() ? mesh.weights : node.weights) {
    weights.push_back(std::isfinite(weight) ? static_cast<float>(std::clamp(weight, -kLargest, kLargest))
                                            : 0);
  }
  for (const auto& [name, expression] : vrm.expressions) {
    for (const VrmExpression::Bind& bind : expression.binds) {
      const bool is_of_mesh = bind.mesh == node.mesh && static_cast<size_t>(bind.target) < weights.size();
      if (is_of_mesh) weights[static_cast<size_t>(bind.target)] = 0;
    }
  }
  return weights;
}

Binding bind_to_skin(const GltfDocument& document, const GltfScene& scene, const RigSkeleton& skeleton,
                     int index) {
  const string part = "skins." + std::to_string(index);
  if (index < 0 || static_cast<size_t>(index) >= document.model.skins.size()) {
    document.fail(part, string("is not there, but a node refers to it") + kExportAgain);
  }
  const tinygltf::Skin& skin = document.model.skins[static_cast<size_t>(index)];
  std::vector<glm::mat4> inverse_binds(skin.joints.size(), glm::mat4(1));
  if (skin.inverseBindMatrices >= 0) {
    inverse_binds = read_mat4(document, skin.inverseBindMatrices, part + ".inverseBindMatrices");
  }
  if (skin.joints.empty() || inverse_binds.size() < skin.joints.size()) {
    document.fail(part, string("has fewer matrices than joints, or no joints") + kExportAgain);
  }
  Binding binding;
  for (size_t i = 0; i < skin.joints.size(); ++i) {
    const int joint = skin.joints[i];
    if (joint < 0 || static_cast<size_t>(joint) >= scene.worlds.size()) {
      document.fail(part, "has the joint " + std::to_string(joint) + ", which is not a node" + kExportAgain);
    }
    binding.transforms.push_back(scene.worlds[static_cast<size_t>(joint)] * inverse_binds[i]);
    binding.bones.push_back(skeleton.bone_of_nodes[static_cast<size_t>(joint)]);
  }
  return binding;
}

Binding bind_to_node(const GltfScene& scene, const RigSkeleton& skeleton, int node) {
  return {{scene.worlds[static_cast<size_t>(node)]}, {skeleton.bone_of_nodes[static_cast<size_t>(node)]}};
}

int attribute_of(const Primitive& primitive, const char* name) {
  const auto found = primitive.source->attributes.find(name);
  return found == primitive.source->attributes.end() ? -1 : found->second;
}

std::vector<std::uint32_t> corners_of(const GltfDocument& document, const Primitive& primitive) {
  if (primitive.source->indices >= 0) {
    return read_integers(document, primitive.source->indices, 1, primitive.part + ".indices",
                         kMaxCornerCount);
  }
  std::vector<std::uint32_t> corners(primitive.vertex_count);
  for (size_t i = 0; i < corners.size(); ++i) corners[i] = static_cast<std::uint32_t>(i);
  return corners;
}

/// The corners of separate triangles, of those that share corners in strips or fans.
std::vector<std::uint32_t> separate_triangles(const std::vector<std::uint32_t>& corners, int mode) {
  std::vector<std::uint32_t> separate;
  for (size_t i = 0; i + 2 < corners.size(); ++i) {
    if (mode == TINYGLTF_MODE_TRIANGLE_FAN) {
      separate.insert(separate.end(), {corners[i + 1], corners[i + 2], corners[0]});
    } else {  // every other triangle of a strip is seen the other way round
      separate.insert(separate.end(), {corners[i], corners[i + 1 + i % 2], corners[i + 2 - i % 2]});
    }
  }
  return separate;
}

bool is_of_triangles(int mode) {
  return mode == -1 || mode == TINYGLTF_MODE_TRIANGLES || mode == TINYGLTF_MODE_TRIANGLE_STRIP ||
         mode == TINYGLTF_MODE_TRIANGLE_FAN;
}

/// Takes over the triangles, numbers the vertices that they use anew, and drops triangles without area.
void read_triangles(const GltfDocument& document, Primitive& primitive, Mesh& mesh) {
  std::vector<std::uint32_t> corners = corners_of(document, primitive);
  const int mode = primitive.source->mode;
  if (mode == TINYGLTF_MODE_TRIANGLE_STRIP || mode == TINYGLTF_MODE_TRIANGLE_FAN) {
    corners = separate_triangles(corners, mode);
  }
  corners.resize(corners.size() / 3 * 3);
  primitive.places.assign(primitive.vertex_count, kUnusedVertex);
  for (const std::uint32_t corner : corners) {
    if (corner >= primitive.vertex_count) {
      document.fail(primitive.part + ".indices", "name vertex " + std::to_string(corner) + " of " +
                                                     std::to_string(primitive.vertex_count) + kExportAgain);
    }
  }
  for (size_t i = 0; i < corners.size(); i += 3) {
    const std::uint32_t a = corners[i];
    const std::uint32_t b = corners[i + 1];
    const std::uint32_t c = corners[i + 2];
    if (a == b || b == c || a == c) continue;
    for (const std::uint32_t corner : {a, b, c}) {
      primitive.places[corner] = 0;
      mesh.triangles.push_back(corner);
    }
  }
  std::uint32_t next = 0;
  for (std::uint32_t& place : primitive.places) {
    if (place != kUnusedVertex) place = next++;
  }
  for (std::uint32_t& corner : mesh.triangles) corner = primitive.places[corner];
}

/// The values of an attribute for the vertices that are used; none where the file has none.
template <class T, class Read>
std::vector<T> used_values(const GltfDocument& document, const Primitive& primitive, const char* name,
                           Read read) {
  const int accessor = attribute_of(primitive, name);
  if (accessor < 0) return {};
  const string part = primitive.part + "." + name;
  const std::vector<T> all = read(document, accessor, part);
  if (all.size() != primitive.vertex_count) {
    document.fail(part, "has " + std::to_string(all.size()) + " elements for " +
                            std::to_string(primitive.vertex_count) + " vertices" + kExportAgain);
  }
  std::vector<T> used;
  for (size_t i = 0; i < all.size(); ++i) {
    if (primitive.places[i] != kUnusedVertex) used.push_back(all[i]);
  }
  return used;
}

void check_positions(const GltfDocument& document, const Mesh& mesh, const string& part) {
  for (const glm::vec3& position : mesh.positions) {
    const bool is_near = std::abs(position.x) < kFarthest && std::abs(position.y) < kFarthest &&
                         std::abs(position.z) < kFarthest;
    if (!is_near) {
      document.fail(part + ".POSITION", string("lies farther than 10 km from the origin") + kExportAgain);
    }
  }
}

void read_morphs(const GltfDocument& document, const Primitive& primitive, const std::vector<string>& names,
                 const std::vector<glm::mat4>& transforms, Mesh& mesh, MeshTotals& totals) {
  const auto& targets = primitive.source->targets;
  for (size_t t = 0; t < targets.size(); ++t) {
    const auto found = targets[t].find("POSITION");
    if (found == targets[t].end()) continue;
    const string part = primitive.part + ".targets." + std::to_string(t);
    const SparseVectors offsets = read_offsets(document, found->second, primitive.vertex_count, part);
    Morph morph;
    morph.name = names[t];
    for (size_t i = 0; i < offsets.places.size(); ++i) {
      const std::uint32_t place = primitive.places[offsets.places[i]];
      if (place == kUnusedVertex) continue;
      const glm::vec3 offset = glm::mat3(transforms[place]) * offsets.values[i];
      // What is smaller than a hundredth of a millimetre is rounding of the program that wrote it.
      if (glm::dot(offset, offset) < 1e-10F) continue;
      if (!(glm::dot(offset, offset) < kFarthest * kFarthest)) {
        document.fail(part, string("moves vertices farther than 10 km") + kExportAgain);
      }
      morph.vertices.push_back(place);
      morph.offsets.push_back(offset);
    }
    totals.add_morph_entries(morph.vertices.size());
    if (t < primitive.weights.size() && primitive.weights[t] != 0) {
      const float weight = primitive.weights[t];
      for (size_t i = 0; i < morph.vertices.size(); ++i) {
        mesh.positions[morph.vertices[i]] += weight * morph.offsets[i];
        morph.offsets[i] *= 1 - weight;  // the rest of the way
      }
      if (weight == 1) continue;
    }
    if (!morph.vertices.empty()) mesh.morphs.push_back(std::move(morph));
  }
}

/// The coordinates by which \p material shows its texture, and the colours of the vertices where they count.
void read_surface(const GltfDocument& document, const Primitive& primitive, const VrmMaterial& material,
                  Mesh& mesh) {
  const string set = "TEXCOORD_" + std::to_string(material.coordinate_set);
  mesh.texture_coordinates = used_values<glm::vec2>(document, primitive, set.c_str(), read_vec2);
  if (material.texture_transform != glm::mat3x2(1)) {
    for (glm::vec2& place : mesh.texture_coordinates) {
      place = material.texture_transform * glm::vec3(place, 1);
    }
  }
  if (material.has_vertex_colors) {
    mesh.colors = used_values<glm::vec4>(document, primitive, "COLOR_0", read_color);
    for (glm::vec4& color : mesh.colors) color = glm::clamp(color, 0.0F, 1.0F);
    if (material.material.writes_depth && material.material.alpha_cutoff == 0) {
      for (glm::vec4& color : mesh.colors) color.w = 1;  // opaque, whatever the alpha
    }
  }
}

Mesh read_primitive(const GltfDocument& document, Primitive& primitive, const Binding& binding,
                    const std::vector<string>& names, VrmMaterials& materials, MeshTotals& totals) {
  Mesh mesh;
  mesh.uses_depth = true;
  const int position_accessor = attribute_of(primitive, "POSITION");
  primitive.vertex_count = accessor_count(document, position_accessor, primitive.part + ".POSITION");
  totals.add_vertices(primitive.vertex_count);
  read_triangles(document, primitive, mesh);
  totals.add_corners(mesh.triangles.size());
  if (mesh.triangles.empty()) return mesh;
  mesh.material = materials.add(primitive.source->material);

  mesh.positions = used_values<glm::vec3>(document, primitive, "POSITION", read_vec3);
  mesh.normals = used_values<glm::vec3>(document, primitive, "NORMAL", read_vec3);
  read_surface(document, primitive, materials.materials()[static_cast<size_t>(mesh.material)], mesh);
  const VertexWeights vertices = read_vertex_weights(document, *primitive.source, primitive.part,
                                                     primitive.places, mesh.positions.size(), binding);
  const std::vector<glm::mat4> transforms = vertex_transforms(vertices, binding);
  totals.add_crowded_vertices(bind_vertices(vertices, binding, mesh));
  for (size_t v = 0; v < mesh.positions.size(); ++v) {
    mesh.positions[v] = glm::vec3(transforms[v] * glm::vec4(mesh.positions[v], 1));
    if (mesh.normals.empty()) continue;
    const glm::vec3 normal = glm::inverseTranspose(glm::mat3(transforms[v])) * mesh.normals[v];
    const float length = glm::length(normal);
    mesh.normals[v] = length > 1e-12F && std::isfinite(length) ? normal / length : glm::vec3(0, 1, 0);
  }
  read_morphs(document, primitive, names, transforms, mesh, totals);
  check_positions(document, mesh, primitive.part);
  return mesh;
}

}  // namespace

std::vector<Mesh> read_vrm_meshes(const GltfDocument& document, const GltfScene& scene,
                                  const RigSkeleton& skeleton, const VrmDescription& vrm,
                                  const std::vector<std::vector<string>>& target_names,
                                  VrmMaterials& materials, std::vector<string>& notes) {
  std::vector<Mesh> meshes;
  const std::vector<bool> shown = shown_nodes(document, scene);
  size_t hidden_count = 0;
  MeshTotals totals(document);
  for (size_t n = 0; n < document.model.nodes.size(); ++n) {
    const tinygltf::Node& node = document.model.nodes[n];
    if (node.mesh < 0) continue;
    const auto index = static_cast<size_t>(node.mesh);
    if (index >= document.model.meshes.size()) {
      document.fail("nodes." + std::to_string(n),
                    "refers to mesh " + std::to_string(index) + ", which is not there" + kExportAgain);
    }
    if (!shown[n] || vrm.first_person_nodes.contains(static_cast<int>(n)) ||
        vrm.first_person_meshes.contains(node.mesh)) {
      ++hidden_count;
      continue;
    }
    const Binding binding = node.skin >= 0 ? bind_to_skin(document, scene, skeleton, node.skin)
                                           : bind_to_node(scene, skeleton, static_cast<int>(n));
    const tinygltf::Mesh& source = document.model.meshes[index];
    const std::vector<float> weights = weights_at_rest(document, node, vrm);
    for (size_t p = 0; p < source.primitives.size(); ++p) {
      const tinygltf::Primitive& part = source.primitives[p];
      Primitive primitive{
          &part, "meshes." + std::to_string(index) + ".primitives." + std::to_string(p), {}, 0, weights};
      if (!is_of_triangles(part.mode)) {
        notes.push_back(primitive.part + " is made of points or lines and was left out.");
        continue;
      }
      if (attribute_of(primitive, "POSITION") < 0) {
        notes.push_back(primitive.part + " has no positions and was left out.");
        continue;
      }
      Mesh mesh = read_primitive(document, primitive, binding, target_names[index], materials, totals);
      if (mesh.triangles.empty()) continue;
      mesh.name = source.name.empty() ? primitive.part : source.name;
      if (p > 0) mesh.name += "." + std::to_string(p);
      meshes.push_back(std::move(mesh));
    }
  }
  if (totals.crowded_vertices() > 0) {
    notes.push_back(std::to_string(totals.crowded_vertices()) +
                    " vertices follow more than four bones; the four of most weight were taken.");
  }
  if (hidden_count > 0) {
    notes.push_back(std::to_string(hidden_count) +
                    " meshes are not in the scene, hidden, or for the first-person view alone, and were left "
                    "out.");
  }
  if (meshes.empty()) {
    document.fail("meshes", hidden_count > 0 ? "are all hidden or outside of the scene, so there is nothing "
                                               "to draw; put them into the scene and export it again"
                                             : "hold no triangles, so there is nothing to draw");
  }
  const auto& drawn = materials.materials();
  std::stable_sort(meshes.begin(), meshes.end(), [&](const Mesh& a, const Mesh& b) {
    return drawn[static_cast<size_t>(a.material)].order < drawn[static_cast<size_t>(b.material)].order;
  });
  return meshes;
}

}  // namespace tha4
