#include "gaze.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "vrm_humanoid.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

#include "tha4/rig/rig_reach.h"

namespace tha4 {
namespace {

constexpr float kFaceMiddle = 256;   // of the face, in pixels
constexpr float kFarthestTurn = 35;  // degrees: beyond it an eyeball shows its back
constexpr float kWidestEye =
    0.75F;                       // and highest, in distances of the eyes: irises have a third, eyeballs half
constexpr float kOfIris = 0.5F;  // of the farthest travel: what goes less far is no iris
constexpr float kFollowing = 0.5F;     // weight from which a vertex follows a bone
constexpr float kCarriedAlong = 0.1F;  // weight from which it is moved so that one sees it

/// A triangle as the rest image shows it.
struct Patch {
  float area = 0;  ///< in the picture
  glm::vec2 center{0};
  glm::vec2 low{0};  ///< corners of the box around it
  glm::vec2 high{0};
  float travel = 0;  ///< how far it goes, in pixels
};

/// The value that \p fraction of the area of \p patches stays below.
float quantile(std::vector<Patch> patches, float fraction, const std::function<float(const Patch&)>& value) {
  std::ranges::sort(patches, {}, value);
  float area = 0;
  for (const Patch& patch : patches) area += patch.area;
  float below = 0;
  for (const Patch& patch : patches) {
    below += patch.area;
    if (below >= fraction * area) return value(patch);
  }
  return patches.empty() ? 0 : value(patches.back());
}

float travel_of(const Patch& patch) {
  return patch.travel;
}

/// The triangles of \p mesh that are drawn, with the mean of \p travels, one for each vertex, if that is not
/// 0.
void add_patches(const Rig& rig, const Mesh& mesh, const std::vector<float>& travels,
                 std::vector<Patch>& patches) {
  const std::vector<bool> shown = shown_vertices(rig, mesh);
  for (std::size_t i = 0; i + 2 < mesh.triangles.size(); i += 3) {
    Patch patch;
    std::array<glm::vec2, 3> corners{};
    bool is_shown = true;
    for (std::size_t k = 0; k < 3; ++k) {
      const std::uint32_t vertex = mesh.triangles[i + k];
      is_shown = is_shown && shown[vertex];
      corners[k] = glm::vec2(mesh.positions[vertex]);
      patch.center += corners[k] / 3.0F;
      patch.travel += travels[vertex] / 3.0F;
    }
    const glm::vec2 a = corners[1] - corners[0], b = corners[2] - corners[0];
    patch.low = glm::min(glm::min(corners[0], corners[1]), corners[2]);
    patch.high = glm::max(glm::max(corners[0], corners[1]), corners[2]);
    patch.area = std::abs(a.x * b.y - a.y * b.x) / 2;
    if (is_shown && patch.travel != 0 && patch.area > 0) patches.push_back(patch);
  }
}

/// What moves on one side of the face.
struct EyeMotion {
  glm::vec2 center{0};
  float travel = 0;
};

/// Of what \p patches move, that which goes farthest: irises move more than the whites and the lids around
/// them, and their middles more than their edges.
std::optional<EyeMotion> motion_of(std::vector<Patch> patches) {
  if (patches.empty()) return std::nullopt;
  const float min_travel = kOfIris * quantile(patches, 0.95F, travel_of);
  if (!(min_travel > 0)) return std::nullopt;
  std::erase_if(patches, [&](const Patch& patch) { return patch.travel < min_travel; });
  EyeMotion motion;
  motion.travel = quantile(patches, 0.75F, travel_of);
  for (int axis = 0; axis < 2; ++axis) {
    motion.center[axis] = quantile(patches, 0.5F, [&](const Patch& patch) { return patch.center[axis]; });
  }
  return motion;
}

/// How far both irises go, in distances of the eyes; nothing unless there are two.
std::optional<float> measured_travel(const std::vector<Patch>& patches) {
  std::array<std::vector<Patch>, 2> sides;
  for (const Patch& patch : patches) sides[patch.center.x < kFaceMiddle ? 0 : 1].push_back(patch);
  const auto right = motion_of(std::move(sides[0])), left = motion_of(std::move(sides[1]));
  if (!right || !left) return std::nullopt;
  const float distance = glm::distance(right->center, left->center);
  if (!(distance > 1)) return std::nullopt;
  return (right->travel + left->travel) / 2 / distance;
}

/// The bones of the eyes; -1 where there are none.
struct EyeBones {
  int left = -1;
  int right = -1;

  bool has(int bone) const { return bone == left || bone == right; }
};

/// Patches of what follows \p bones by \p min_weight, each of which travels as \p of says of a vertex, the
/// joint that it follows and its weight.
std::vector<Patch> followers(const Rig& rig, const EyeBones& bones, float min_weight,
                             const std::function<float(const glm::vec3&, const glm::vec3&)>& of) {
  std::vector<Patch> patches;
  for (const Mesh& mesh : rig.meshes) {
    std::vector<float> travels(mesh.positions.size(), 0.0F);
    bool moves = false;
    for (std::size_t v = 0; v < mesh.bones.size(); ++v) {
      float weight = 0, travel = 0;
      for (int k = 0; k < 4; ++k) {
        const int bone = mesh.bones[v][k];
        if (!bones.has(bone)) continue;
        weight += mesh.bone_weights[v][k];
        travel +=
            mesh.bone_weights[v][k] * of(mesh.positions[v], rig.bones[static_cast<std::size_t>(bone)].joint);
      }
      if (weight < min_weight) continue;
      travels[v] = travel;
      moves = true;
    }
    if (moves) add_patches(rig, mesh, travels, patches);
  }
  return patches;
}

/// Whether what \p bones carry along on one side of the face is larger than an eye.
bool is_more_than_eyes(const Rig& rig, const std::vector<Patch>& carried, const EyeBones& bones) {
  const auto joint = [&](int bone) { return rig.bones[static_cast<std::size_t>(bone)].joint; };
  float distance = glm::distance(glm::vec2(joint(bones.left)), glm::vec2(joint(bones.right)));
  std::array<std::vector<Patch>, 2> sides;
  for (const Patch& patch : carried) sides[patch.center.x < kFaceMiddle ? 0 : 1].push_back(patch);
  std::array<glm::vec2, 2> centers{}, sizes{};
  for (std::size_t side = 0; side < 2; ++side) {
    for (int axis = 0; axis < 2; ++axis) {
      centers[side][axis] = quantile(sides[side], 0.5F, [&](const Patch& p) { return p.center[axis]; });
      const float low = quantile(sides[side], 0.05F, [&](const Patch& p) { return p.low[axis]; });
      const float high = quantile(sides[side], 0.95F, [&](const Patch& p) { return p.high[axis]; });
      sizes[side][axis] = high - low;
    }
  }
  // One bone may carry both eyes: then the joints are not where the eyes are.
  if (!sides[0].empty() && !sides[1].empty()) {
    distance = std::max(distance, glm::distance(centers[0], centers[1]));
  }
  const glm::vec2 size = glm::max(sizes[0], sizes[1]);
  return std::max(size.x, size.y) > kWidestEye * distance;
}

/// The angle at which what goes \p by_sine in distances of the eyes, times the angle's sine, goes \p wanted.
float degrees_for(float wanted, float by_sine) {
  const float farthest = std::sin(glm::radians(kFarthestTurn));
  return glm::degrees(std::asin(std::min(wanted / by_sine, farthest)));
}

RigControl& control_of(Rig& rig, const char* parameter) {
  return rig.controls[static_cast<std::size_t>(pose_parameter_index(parameter))];
}

/// Where each vertex of \p mesh goes at the value 1, or -1, by the morphs of \p control.
std::vector<glm::vec3> moves_of(const Mesh& mesh, const RigControl& control, bool for_negative) {
  std::vector<glm::vec3> moves(mesh.positions.size(), glm::vec3(0));
  for (const auto& entry : control.morphs) {
    if (entry.for_negative != for_negative) continue;
    for (const Morph& morph : mesh.morphs) {
      if (morph.name != entry.morph) continue;
      for (std::size_t i = 0; i < morph.vertices.size(); ++i) {
        moves[morph.vertices[i]] += entry.weight * morph.offsets[i];
      }
    }
  }
  return moves;
}

/// \p way: in which the irises go at the value 1.
void limit_morphs(Rig& rig, RigControl& control, bool for_negative, const glm::vec3& way, float wanted) {
  std::vector<Patch> patches;
  for (const Mesh& mesh : rig.meshes) {
    std::vector<float> travels;
    for (const glm::vec3& move : moves_of(mesh, control, for_negative)) {
      travels.push_back(glm::dot(move, for_negative ? -way : way));
    }
    add_patches(rig, mesh, travels, patches);
  }
  const auto travel = measured_travel(patches);
  if (!travel || *travel <= wanted) return;
  for (auto& entry : control.morphs) {
    if (entry.for_negative == for_negative) entry.weight *= wanted / *travel;
  }
}

}  // namespace

void add_gaze_turns(const ParameterTable& table, const VrmDescription& vrm, Rig& rig, VrmReport& report) {
  const EyeBones bones{bone_index(rig.bones, "leftEye"), bone_index(rig.bones, "rightEye")};
  if (!vrm.eyes_turn_by_bone || bones.left < 0 || bones.right < 0) return;
  const auto carried = followers(rig, bones, kCarriedAlong, [](const auto&, const auto&) { return 1.0F; });
  if (carried.empty()) return;
  if (is_more_than_eyes(rig, carried, bones)) {
    report.notes.push_back("The bones of the eyes move more of the face than the eyes and are not used.");
    return;
  }
  float up = std::min((vrm.eye_range.up + vrm.eye_range.down) / 2, kFarthestTurn);
  float aside = std::min(vrm.eye_range.horizontal, kFarthestTurn);
  // A point before the joint goes by its depth times the sine of the angle, whichever way it is turned.
  const auto by_sine =
      measured_travel(followers(rig, bones, kFollowing, [](const glm::vec3& point, const glm::vec3& joint) {
        return point.z - joint.z;
      }));
  if (by_sine) {
    up = degrees_for(table.gaze->vertical, *by_sine);
    aside = degrees_for(table.gaze->sideways, *by_sine);
  }
  for (const int bone : {bones.left, bones.right}) {
    control_of(rig, "iris_rotation_x").turns.push_back({bone, {up, 0, 0}});
    control_of(rig, "iris_rotation_y").turns.push_back({bone, {0, -aside, 0}});
  }
}

void limit_gaze_morphs(const ParameterTable& table, Rig& rig) {
  struct Look {
    std::string parameter;
    glm::vec3 way;
    float wanted;
  };
  for (const Look& look : {Look{"iris_rotation_x", {0, -1, 0}, table.gaze->vertical},
                           Look{"iris_rotation_y", {-1, 0, 0}, table.gaze->sideways}}) {
    for (const bool for_negative : {false, true}) {
      if (table.changed.contains(look.parameter + (for_negative ? kBelowZero : ""))) continue;
      limit_morphs(rig, control_of(rig, look.parameter.c_str()), for_negative, look.way, look.wanted);
    }
  }
}

}  // namespace tha4
