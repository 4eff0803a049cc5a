#include "tha4/rig/rig_reach.h"

#include <algorithm>
#include <set>
#include <string>

namespace tha4 {
namespace {

constexpr float kLeastWeight = 1e-3F;  // of a bone that a vertex follows

/// What of a rig shown vertices follow.
struct ShownParts {
  std::vector<bool> bones;  ///< by number, whether something hangs on it or on what hangs on it
  std::set<std::string> morphs;
};

void add_bones(const Mesh& mesh, const std::vector<bool>& shown, std::vector<bool>& bones) {
  if (bones.empty()) return;
  for (std::size_t v = 0; v < shown.size(); ++v) {
    if (!shown[v]) continue;
    if (mesh.bones.empty()) {
      bones[0] = true;
      return;
    }
    for (int k = 0; k < 4; ++k) {
      if (mesh.bone_weights[v][k] > kLeastWeight) bones[mesh.bones[v][k]] = true;
    }
  }
}

bool moves_shown(const Morph& morph, const std::vector<bool>& shown) {
  for (std::size_t i = 0; i < morph.vertices.size(); ++i) {
    if (shown[morph.vertices[i]] && morph.offsets[i] != glm::vec3(0)) return true;
  }
  return false;
}

ShownParts shown_parts(const Rig& rig) {
  ShownParts parts;
  parts.bones.assign(rig.bones.size(), false);
  for (const Mesh& mesh : rig.meshes) {
    const std::vector<bool> shown = shown_vertices(rig, mesh);
    add_bones(mesh, shown, parts.bones);
    for (const Morph& morph : mesh.morphs) {
      if (!parts.morphs.contains(morph.name) && moves_shown(morph, shown)) parts.morphs.insert(morph.name);
    }
  }
  // Parents come before children.
  for (std::size_t i = rig.bones.size(); i-- > 0;) {
    if (parts.bones[i] && rig.bones[i].parent >= 0) {
      parts.bones[static_cast<std::size_t>(rig.bones[i].parent)] = true;
    }
  }
  return parts;
}

bool moves_bone(const RigControl& control, const std::vector<bool>& bones) {
  const auto carries = [&](int bone) { return bones[static_cast<std::size_t>(bone)]; };
  return std::ranges::any_of(control.turns,
                             [&](const RigControl::BoneTurn& turn) {
                               return turn.degrees != glm::vec3(0) && carries(turn.bone);
                             }) ||
         std::ranges::any_of(control.shifts, [&](const RigControl::BoneShift& shift) {
           return shift.offset != glm::vec3(0) && carries(shift.bone);
         });
}

}  // namespace

std::vector<bool> shown_vertices(const Rig& rig, const Mesh& mesh) {
  std::vector<bool> shown(mesh.positions.size(), false);
  const Material& material = rig.materials[static_cast<std::size_t>(mesh.material)];
  const auto is_shown = [&](float alpha) {
    return alpha * material.color.w > 0 && alpha * material.color.w >= material.alpha_cutoff;
  };
  for (std::size_t i = 0; i + 2 < mesh.triangles.size(); i += 3) {
    float alpha = mesh.colors.empty() ? 1.0F : 0.0F;
    for (std::size_t k = 0; k < 3 && !mesh.colors.empty(); ++k) {
      alpha = std::max(alpha, mesh.colors[mesh.triangles[i + k]].w);
    }
    if (!is_shown(alpha)) continue;
    for (std::size_t k = 0; k < 3; ++k) shown[mesh.triangles[i + k]] = true;
  }
  return shown;
}

RigReach reach_of(const Rig& rig) {
  const ShownParts parts = shown_parts(rig);
  RigReach reach;
  for (std::size_t i = 0; i < rig.controls.size(); ++i) {
    reach.above[i] = reach.below[i] = moves_bone(rig.controls[i], parts.bones);
    for (const auto& entry : rig.controls[i].morphs) {
      if (entry.weight == 0 || !parts.morphs.contains(entry.morph)) continue;
      (entry.for_negative ? reach.below : reach.above)[i] = true;
    }
  }
  return reach;
}

Pose within_reach(const RigReach& reach, const Pose& pose) {
  Pose reached = pose;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const bool moves = (reached[i] > 0 && reach.above[i]) || (reached[i] < 0 && reach.below[i]);
    if (!moves) reached[i] = 0;
  }
  return reached;
}

}  // namespace tha4
