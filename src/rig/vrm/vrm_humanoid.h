#pragma once

#include <string>
#include <vector>

#include "gltf_scene.h"
#include "vrm_extension.h"

#include "tha4/rig/rig.h"

namespace tha4 {

/// The bones of a rig, still in the model's metres, and which of them each node follows. All but a few dozen
/// joints of a model never move on their own: what hangs on them follows the nearest bone above.
struct RigSkeleton {
  std::vector<Bone> bones;         ///< parents before children
  std::vector<int> bone_of_nodes;  ///< for each node of the document
};

RigSkeleton make_skeleton(const GltfScene& scene, const VrmDescription& vrm);

/// Index of the bone of that name; -1 if there is none.
int bone_index(const std::vector<Bone>& bones, const std::string& name);

/// Turns the upper arms of a model in T-pose down to the sides.
void lower_arms(GltfScene& scene, const VrmDescription& vrm);

/// From the model's metres to the pixels of the rest image.
struct Framing {
  glm::vec3 center{0};      ///< what comes to (256, 128, 0)
  float scale = 1;          ///< pixels per metre
  bool faces_back = false;  ///< VRM 0.x looks along -z, away from the viewer of the rest image

  glm::vec3 point(const glm::vec3& metres) const;
  /// Of an offset or a normal.
  glm::vec3 direction(const glm::vec3& metres) const;
};

/// Finds the head, by its bone and what hangs on it, and fits it into the middle box. \p meshes are in
/// metres, bound to the bones of \p skeleton.
Framing frame_head(const std::vector<Mesh>& meshes, const RigSkeleton& skeleton, bool faces_back);

/// Turns and shifts of the head and the body by the pose, with the framing's pixels as unit.
void add_bone_controls(Rig& rig);

}  // namespace tha4
