#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <glm/geometric.hpp>

#include "tha4/rig/rig.h"

// Looking into rigs that were read.

namespace tha4::test {

inline const Mesh& mesh_named(const Rig& rig, std::string_view name) {
  for (const Mesh& mesh : rig.meshes) {
    if (mesh.name == name) return mesh;
  }
  throw std::runtime_error("no mesh " + std::string(name));
}

inline const Bone& bone_named(const Rig& rig, std::string_view name) {
  for (const Bone& bone : rig.bones) {
    if (bone.name == name) return bone;
  }
  throw std::runtime_error("no bone " + std::string(name));
}

inline std::vector<glm::vec3> posed(const Rig& rig, const std::string& mesh, const char* parameter,
                                    float value) {
  Pose pose{};
  if (parameter != nullptr) pose[static_cast<std::size_t>(pose_parameter_index(parameter))] = value;
  const auto meshes = pose_rig(rig, pose);
  for (std::size_t i = 0; i < rig.meshes.size(); ++i) {
    if (rig.meshes[i].name == mesh) return meshes[i].positions;
  }
  throw std::runtime_error("no mesh " + mesh);
}

/// Vertices that the parameter moves.
inline std::vector<std::size_t> moved(const Rig& rig, const std::string& mesh, const char* parameter) {
  const auto rest = posed(rig, mesh, nullptr, 0);
  const auto bent = posed(rig, mesh, parameter, 1);
  std::vector<std::size_t> vertices;
  for (std::size_t v = 0; v < rest.size(); ++v) {
    if (glm::distance(rest[v], bent[v]) > 1e-3F) vertices.push_back(v);
  }
  return vertices;
}

inline bool contains(const std::vector<std::string>& list, const std::string& entry) {
  return std::find(list.begin(), list.end(), entry) != list.end();
}

}  // namespace tha4::test
