#pragma once

#include <vector>

#include "gltf_document.h"
#include <glm/mat4x4.hpp>
#include <glm/vec3.hpp>

namespace tha4 {

/// The nodes of a document as the forest that they must be.
struct GltfScene {
  std::vector<int> parents;       ///< -1 for roots
  std::vector<int> order;         ///< all nodes, parents before children
  std::vector<glm::mat4> worlds;  ///< of each node, at rest
};

/// Throws InputError when a node has two parents or is its own ancestor, refers to what is not there, or has
/// a transform that is not one.
GltfScene read_scene(const GltfDocument& document);

/// Of each node whether it is shown: it hangs on a root of the document's scene, and no KHR_node_visibility
/// hides it. A document without scenes shows all.
std::vector<bool> shown_nodes(const GltfDocument& document, const GltfScene& scene);

/// Where a node is.
glm::vec3 position_of(const GltfScene& scene, int node);

/// Whether \p node is \p ancestor or hangs on it.
bool hangs_on(const GltfScene& scene, int node, int ancestor);

/// Turns \p node, and all that hangs on it, by \p degrees about \p axis through its own position.
void turn_node(GltfScene& scene, int node, float degrees, const glm::vec3& axis);

}  // namespace tha4
