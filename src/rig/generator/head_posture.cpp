#include "head_posture.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "sheet.h"
#include "skeleton.h"

namespace tha4::generator {
namespace {

/// The positions of all meshes, with the morph at \p index of each mesh that has so many (none: no morphs).
std::vector<PosedMesh> with_morph(const Rig& rig, std::ptrdiff_t index) {
  std::vector<PosedMesh> meshes;
  for (const Mesh& mesh : rig.meshes) {
    PosedMesh posed{mesh.positions, mesh.normals};
    if (index >= 0 && index < std::ssize(mesh.morphs)) {
      const Morph& morph = mesh.morphs[static_cast<std::size_t>(index)];
      for (std::size_t i = 0; i < morph.vertices.size(); ++i)
        posed.positions[morph.vertices[i]] += morph.offsets[i];
    }
    meshes.push_back(std::move(posed));
  }
  return meshes;
}

/// The joints as vertices, each on the bone that its own bone hangs on.
Mesh joint_mesh(const Rig& rig) {
  Mesh mesh;
  for (const Bone& bone : rig.bones) {
    mesh.positions.push_back(bone.joint);
    hang_on(mesh, one_bone(std::max(0, bone.parent)));
  }
  return mesh;
}

}  // namespace

void hold_head(Rig& rig, const PostureDesign& posture) {
  Pose pose{};
  const auto set = [&pose](const char* parameter, float degrees, float degrees_at_1) {
    pose[static_cast<std::size_t>(pose_parameter_index(parameter))] = degrees / degrees_at_1;
  };
  set("head_x", posture.up, kNodDegrees);
  set("head_y", posture.turn, kTurnDegrees);
  set("neck_z", posture.tilt, kTiltDegrees);
  if (pose == Pose{}) return;

  rig.meshes.push_back(joint_mesh(rig));
  std::ptrdiff_t max_morphs = 0;
  for (const Mesh& mesh : rig.meshes) max_morphs = std::max(max_morphs, std::ssize(mesh.morphs));
  std::vector<PosedMesh> held = with_morph(rig, -1);
  bend_rig(rig, pose, held);
  for (std::ptrdiff_t k = 0; k < max_morphs; ++k) {
    std::vector<PosedMesh> moved = with_morph(rig, k);
    bend_rig(rig, pose, moved);
    for (std::size_t m = 0; m < rig.meshes.size(); ++m) {
      if (k >= std::ssize(rig.meshes[m].morphs)) continue;
      Morph& morph = rig.meshes[m].morphs[static_cast<std::size_t>(k)];
      for (std::size_t i = 0; i < morph.vertices.size(); ++i) {
        const std::uint32_t v = morph.vertices[i];
        morph.offsets[i] = moved[m].positions[v] - held[m].positions[v];
      }
    }
  }
  for (std::size_t b = 0; b < rig.bones.size(); ++b) rig.bones[b].joint = held.back().positions[b];
  rig.meshes.pop_back();
  for (std::size_t m = 0; m < rig.meshes.size(); ++m) rig.meshes[m].positions = std::move(held[m].positions);
}

}  // namespace tha4::generator
