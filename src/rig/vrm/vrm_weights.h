#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gltf_document.h"
#include <glm/mat4x4.hpp>

#include "tha4/rig/rig.h"

namespace tha4 {

/// Place of a vertex that no triangle uses.
constexpr std::uint32_t kUnusedVertex = 0xFFFFFFFF;

/// How the joints of a skin, or a single node, take vertices to where they stand, and what they follow.
struct Binding {
  std::vector<glm::mat4> transforms;
  std::vector<int> bones;
};

/// Joints and weights of vertices, joints as indices of the binding. The weights of a vertex add up to one.
struct VertexWeights {
  std::size_t each = 1;  ///< joints of a vertex, some of which may weigh nothing
  std::vector<std::uint16_t> joints;
  std::vector<float> weights;
};

/// Reads all sets of joints and weights of \p primitive, JOINTS_0 and further ones.
/// \param part        the primitive's name in messages
/// \param places      of each vertex of the file: its new index, or kUnusedVertex
/// \param used_count  vertices that are used
VertexWeights read_vertex_weights(const GltfDocument& document, const tinygltf::Primitive& primitive,
                                  const std::string& part, const std::vector<std::uint32_t>& places,
                                  std::size_t used_count, const Binding& binding);

/// What takes each vertex to where it stands.
std::vector<glm::mat4> vertex_transforms(const VertexWeights& vertices, const Binding& binding);

/// Brings weights of joints to weights of bones, where several joints may follow one bone, and gives them to
/// \p mesh. A rig has four bones a vertex: those of most weight stay. Returns the vertices that had more.
std::size_t bind_vertices(const VertexWeights& vertices, const Binding& binding, Mesh& mesh);

}  // namespace tha4
