#include "gltf_scene.h"

#include <algorithm>
#include <cmath>

#include <glm/gtc/matrix_transform.hpp>
#include <glm/gtc/quaternion.hpp>
#include <glm/gtc/type_ptr.hpp>

namespace tha4 {
namespace {

std::string part_of(int node) {
  return "nodes." + std::to_string(node);
}

glm::mat4 local_transform(const GltfDocument& document, int index) {
  const tinygltf::Node& node = document.model.nodes[static_cast<std::size_t>(index)];
  const auto has = [](const std::vector<double>& values, std::size_t size) {
    return values.empty() || values.size() == size;
  };
  if (!has(node.matrix, 16) || !has(node.translation, 3) || !has(node.rotation, 4) || !has(node.scale, 3)) {
    document.fail(part_of(index), std::string("has a transform of the wrong length") + kExportAgain);
  }
  glm::dmat4 transform(1);
  if (!node.matrix.empty()) {
    transform = glm::make_mat4(node.matrix.data());
  } else {
    if (!node.translation.empty())
      transform = glm::translate(transform, glm::make_vec3(node.translation.data()));
    if (!node.rotation.empty()) {
      const auto& r = node.rotation;
      const glm::dquat rotation(r[3], r[0], r[1], r[2]);
      if (glm::length(rotation) < 1e-6) {
        document.fail(part_of(index), std::string("has a rotation of length zero") + kExportAgain);
      }
      transform *= glm::mat4_cast(glm::normalize(rotation));
    }
    if (!node.scale.empty()) transform = glm::scale(transform, glm::make_vec3(node.scale.data()));
  }
  return glm::mat4(transform);
}

/// By KHR_node_visibility.
bool hides_itself(const GltfDocument& document, std::size_t node) {
  const nlohmann::json& source = document.json["nodes"][node];
  const nlohmann::json::json_pointer place("/extensions/KHR_node_visibility/visible");
  if (!source.contains(place)) return false;
  const nlohmann::json& visible = source[place];
  return visible.is_boolean() && !visible.get<bool>();
}

void check_finite(const GltfDocument& document, const GltfScene& scene) {
  constexpr float kFarthest = 1e6F;
  for (const int node : scene.order) {
    const glm::mat4& world = scene.worlds[static_cast<std::size_t>(node)];
    for (int k = 0; k < 16; ++k) {
      if (std::abs(world[k / 4][k % 4]) <= kFarthest) continue;
      document.fail(part_of(node),
                    std::string("has a transform that is not finite or far too large") + kExportAgain);
    }
  }
}

}  // namespace

GltfScene read_scene(const GltfDocument& document) {
  const auto& nodes = document.model.nodes;
  GltfScene scene;
  scene.parents.assign(nodes.size(), -1);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const int child : nodes[i].children) {
      if (child < 0 || static_cast<std::size_t>(child) >= nodes.size()) {
        document.fail(part_of(static_cast<int>(i)),
                      "has the child " + std::to_string(child) + ", which is not there" + kExportAgain);
      }
      if (scene.parents[static_cast<std::size_t>(child)] >= 0) {
        document.fail(part_of(child), std::string("hangs on two nodes") + kExportAgain);
      }
      scene.parents[static_cast<std::size_t>(child)] = static_cast<int>(i);
    }
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (scene.parents[i] < 0) scene.order.push_back(static_cast<int>(i));
  }
  for (std::size_t i = 0; i < scene.order.size(); ++i) {
    for (const int child : nodes[static_cast<std::size_t>(scene.order[i])].children)
      scene.order.push_back(child);
  }
  if (scene.order.size() != nodes.size()) {
    document.fail("nodes", std::string("go round in a circle: a node is its own ancestor") + kExportAgain);
  }
  scene.worlds.resize(nodes.size());
  for (const int node : scene.order) {
    const int parent = scene.parents[static_cast<std::size_t>(node)];
    const glm::mat4 local = local_transform(document, node);
    scene.worlds[static_cast<std::size_t>(node)] =
        parent < 0 ? local : scene.worlds[static_cast<std::size_t>(parent)] * local;
  }
  check_finite(document, scene);
  return scene;
}

std::vector<bool> shown_nodes(const GltfDocument& document, const GltfScene& scene) {
  const auto& scenes = document.model.scenes;
  std::vector<bool> shown(scene.parents.size(), scenes.empty());
  if (!scenes.empty()) {
    const int chosen = std::max(document.model.defaultScene, 0);
    if (static_cast<std::size_t>(chosen) >= scenes.size()) {
      document.fail("scene", "is " + std::to_string(chosen) + ", which is not there" + kExportAgain);
    }
    for (const int root : scenes[static_cast<std::size_t>(chosen)].nodes) {
      if (root < 0 || static_cast<std::size_t>(root) >= shown.size()) {
        document.fail("scenes." + std::to_string(chosen),
                      "has the node " + std::to_string(root) + ", which is not there" + kExportAgain);
      }
      shown[static_cast<std::size_t>(root)] = true;
    }
  }
  for (const int node : scene.order) {
    const auto i = static_cast<std::size_t>(node);
    const int parent = scene.parents[i];
    // A root that is named hangs on nothing; what hangs on it is shown as it is.
    if (parent >= 0 && !shown[i]) shown[i] = shown[static_cast<std::size_t>(parent)];
    if (hides_itself(document, i)) shown[i] = false;
  }
  return shown;
}

glm::vec3 position_of(const GltfScene& scene, int node) {
  return glm::vec3(scene.worlds[static_cast<std::size_t>(node)][3]);
}

bool hangs_on(const GltfScene& scene, int node, int ancestor) {
  while (node >= 0 && node != ancestor) node = scene.parents[static_cast<std::size_t>(node)];
  return node == ancestor;
}

void turn_node(GltfScene& scene, int node, float degrees, const glm::vec3& axis) {
  const glm::vec3 pivot = position_of(scene, node);
  glm::mat4 turn = glm::translate(glm::mat4(1), pivot);
  turn = glm::rotate(turn, glm::radians(degrees), axis);
  turn = glm::translate(turn, -pivot);
  for (std::size_t i = 0; i < scene.worlds.size(); ++i) {
    if (hangs_on(scene, static_cast<int>(i), node)) scene.worlds[i] = turn * scene.worlds[i];
  }
}

}  // namespace tha4
