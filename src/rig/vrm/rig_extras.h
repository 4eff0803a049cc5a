#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/rig/rig.h"

namespace tha4 {

/// Where a written rig lies in the metres of its VRM file: `origin` is at (0, 0, 0).
struct RigPlacement {
  float pixels_per_metre = 512;
  glm::vec3 origin{0};  ///< in pixels

  glm::vec3 metres(const glm::vec3& pixels) const {
    return glm::vec3(pixels.x - origin.x, origin.y - pixels.y, pixels.z - origin.z) / pixels_per_metre;
  }
  glm::vec3 pixels(const glm::vec3& metres) const {
    return {origin.x + pixels_per_metre * metres.x, origin.y - pixels_per_metre * metres.y,
            origin.z + pixels_per_metre * metres.z};
  }
  /// Of offsets; exact as long as the scale is a power of two.
  glm::vec3 metre_offset(const glm::vec3& pixels) const {
    return glm::vec3(pixels.x, -pixels.y, pixels.z) / pixels_per_metre;
  }
  glm::vec3 pixel_offset(const glm::vec3& metres) const {
    return glm::vec3(metres.x, -metres.y, metres.z) * pixels_per_metre;
  }
};

/// All of \p rig but its pictures, vertices, triangles and the content of its morphs, for the object "tha4"
/// in a VRM file's `extras`. \p nodes: the glTF node of each mesh; -1 for meshes without triangles.
nlohmann::json rig_extras(const Rig& rig, const RigPlacement& placement, const std::vector<int>& nodes);

/// What rig_extras() wrote.
struct RigExtras {
  Rig rig;  ///< meshes without vertices
  RigPlacement placement;
  std::vector<int> nodes;
  std::vector<bool> has_bones;    ///< of each mesh, whether it names bones for its vertices
  std::vector<bool> has_normals;  ///< likewise
  int texture_count = 0;          ///< the file's images with these numbers are the rig's pictures
};

/// Reads it back. Throws InputError that names \p source and the key that is wrong. Indices are not checked
/// against the file: check_rig() does that once the rig is whole.
RigExtras read_rig_extras(const nlohmann::json& extras, const std::string& source);

}  // namespace tha4
