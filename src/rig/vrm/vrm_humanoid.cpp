#include "vrm_humanoid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace tha4 {
namespace {

/// What can move by itself, and what a VRM file must have. Fingers follow their hands.
constexpr std::array kKeptBones = {
    "hips",          "spine",         "chest",         "upperChest",    "neck",
    "head",          "jaw",           "leftEye",       "rightEye",      "leftShoulder",
    "leftUpperArm",  "leftLowerArm",  "leftHand",      "rightShoulder", "rightUpperArm",
    "rightLowerArm", "rightHand",     "leftUpperLeg",  "leftLowerLeg",  "leftFoot",
    "leftToes",      "rightUpperLeg", "rightLowerLeg", "rightFoot",     "rightToes"};

constexpr float kArmAngle = 70;     // degrees below the horizontal
constexpr float kHeadHeight = 116;  // pixels: what the middle box of 128 leaves with a margin
constexpr float kHeadWidth = 124;
constexpr float kBreathingLift = 2;  // pixels
constexpr float kLeanHeight =
    338;  // y of the point about which body_z turns the figure, as of generated ones
constexpr float kLeanDegrees = 5;

void lower_arm(GltfScene& scene, const VrmDescription& vrm, const std::string& side) {
  const auto upper = vrm.bones.find(side + "UpperArm");
  auto lower = vrm.bones.find(side + "LowerArm");
  if (lower == vrm.bones.end()) lower = vrm.bones.find(side + "Hand");
  if (upper == vrm.bones.end() || lower == vrm.bones.end()) return;
  const glm::vec3 along = position_of(scene, lower->second) - position_of(scene, upper->second);
  const float down = glm::degrees(std::atan2(-along.y, std::abs(along.x)));
  if (down >= kArmAngle) return;
  turn_node(scene, upper->second, (along.x > 0 ? -1.0F : 1.0F) * (kArmAngle - down), glm::vec3(0, 0, 1));
}

/// Extent of the vertices that follow the head.
struct HeadExtent {
  glm::vec3 min{std::numeric_limits<float>::max()};
  glm::vec3 max{std::numeric_limits<float>::lowest()};

  bool is_empty() const { return min.x > max.x; }
  void add(const glm::vec3& point) {
    min = glm::min(min, point);
    max = glm::max(max, point);
  }
};

bool is_on_head(const std::vector<Bone>& bones, int bone, int head) {
  while (bone >= 0 && bone != head) bone = bones[static_cast<std::size_t>(bone)].parent;
  return bone == head;
}

HeadExtent head_extent(const std::vector<Mesh>& meshes, const RigSkeleton& skeleton, int head,
                       bool only_faces) {
  std::vector<char> belongs(skeleton.bones.size());
  for (std::size_t i = 0; i < belongs.size(); ++i) {
    belongs[i] = is_on_head(skeleton.bones, static_cast<int>(i), head);
  }
  HeadExtent extent;
  for (const Mesh& mesh : meshes) {
    if (only_faces && mesh.morphs.empty()) continue;
    for (std::size_t v = 0; v < mesh.positions.size(); ++v) {
      float fraction = 0;
      for (int k = 0; k < 4; ++k) {
        if (belongs[mesh.bones[v][k]]) fraction += mesh.bone_weights[v][k];
      }
      if (fraction > 0.9F) extent.add(mesh.positions[v]);
    }
  }
  return extent;
}

void turn(Rig& rig, std::string_view parameter, const std::string& bone, const glm::vec3& degrees) {
  const int index = bone_index(rig.bones, bone);
  if (index < 0) return;
  auto& control = rig.controls[static_cast<std::size_t>(pose_parameter_index(parameter))];
  control.turns.push_back({index, degrees});
}

/// Leans the whole figure about the middle of its body, not about its hips.
void lean(Rig& rig) {
  turn(rig, "body_z", "hips", {0, 0, -kLeanDegrees});
  const int hips = bone_index(rig.bones, "hips");
  const float above = rig.bones[static_cast<std::size_t>(hips)].joint.y - kLeanHeight;
  auto& control = rig.controls[static_cast<std::size_t>(pose_parameter_index("body_z"))];
  control.shifts.push_back({hips, {above * std::sin(glm::radians(kLeanDegrees)), 0, 0}});
}

void lift(Rig& rig, const std::string& bone, float pixels) {
  auto& control = rig.controls[static_cast<std::size_t>(pose_parameter_index("breathing"))];
  control.shifts.push_back({bone_index(rig.bones, bone), glm::vec3(0, -pixels, 0)});
}

std::string first_bone(const Rig& rig, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (bone_index(rig.bones, name) >= 0) return name;
  }
  return "hips";
}

/// Chest and shoulders rise; the head stays where it is.
void add_breathing(Rig& rig) {
  lift(rig, first_bone(rig, {"upperChest", "chest", "spine"}), kBreathingLift);
  lift(rig, first_bone(rig, {"neck", "head"}), -kBreathingLift);
}

}  // namespace

RigSkeleton make_skeleton(const GltfScene& scene, const VrmDescription& vrm) {
  RigSkeleton skeleton;
  std::vector<const char*> name_of_nodes(scene.parents.size(), nullptr);
  for (const char* name : kKeptBones) {
    const auto found = vrm.bones.find(name);
    if (found != vrm.bones.end()) name_of_nodes[static_cast<std::size_t>(found->second)] = name;
  }
  skeleton.bone_of_nodes.assign(scene.parents.size(), -1);
  for (const int node : scene.order) {
    const auto i = static_cast<std::size_t>(node);
    const int parent =
        scene.parents[i] < 0 ? -1 : skeleton.bone_of_nodes[static_cast<std::size_t>(scene.parents[i])];
    skeleton.bone_of_nodes[i] = parent;
    if (name_of_nodes[i] == nullptr) continue;
    skeleton.bone_of_nodes[i] = static_cast<int>(skeleton.bones.size());
    skeleton.bones.push_back({name_of_nodes[i], parent, position_of(scene, node)});
  }
  const int hips = bone_index(skeleton.bones, "hips");
  for (int& bone : skeleton.bone_of_nodes) bone = bone < 0 ? hips : bone;
  return skeleton;
}

int bone_index(const std::vector<Bone>& bones, const std::string& name) {
  const auto found =
      std::find_if(bones.begin(), bones.end(), [&](const Bone& bone) { return bone.name == name; });
  return found == bones.end() ? -1 : static_cast<int>(found - bones.begin());
}

void lower_arms(GltfScene& scene, const VrmDescription& vrm) {
  lower_arm(scene, vrm, "left");
  lower_arm(scene, vrm, "right");
}

glm::vec3 Framing::direction(const glm::vec3& metres) const {
  const float side = faces_back ? -1.0F : 1.0F;
  return {side * metres.x, -metres.y, side * metres.z};
}

glm::vec3 Framing::point(const glm::vec3& metres) const {
  return glm::vec3(256, 128, 0) + scale * direction(metres - center);
}

Framing frame_head(const std::vector<Mesh>& meshes, const RigSkeleton& skeleton, bool faces_back) {
  const int head = bone_index(skeleton.bones, "head");
  const int left_eye = bone_index(skeleton.bones, "leftEye");
  const int right_eye = bone_index(skeleton.bones, "rightEye");
  const auto joint_of = [&](int bone) { return skeleton.bones[static_cast<std::size_t>(bone)].joint; };
  const glm::vec3 joint = joint_of(head);
  const HeadExtent all = head_extent(meshes, skeleton, head, false);
  const HeadExtent face = head_extent(meshes, skeleton, head, true);

  // Long hair hangs below the chin, ears and ornaments stand above the crown: neither is the head.
  float top = all.is_empty() ? joint.y + 0.22F : all.max.y;
  float bottom = joint.y;
  if (!face.is_empty()) {
    bottom = face.min.y;
  } else if (!all.is_empty()) {
    bottom = all.min.y;
  }
  const float height = std::max(top - joint.y, 0.02F);
  bottom = std::clamp(bottom, joint.y - 0.3F * height, joint.y + 0.2F * height);
  float middle = joint.x;
  if (left_eye >= 0 && right_eye >= 0) {
    const glm::vec3 eyes = 0.5F * (joint_of(left_eye) + joint_of(right_eye));
    middle = eyes.x;
    if (eyes.y > bottom) top = std::min(top, eyes.y + 1.7F * (eyes.y - bottom));
  }
  top = std::max(top, bottom + 0.02F);

  Framing framing;
  framing.faces_back = faces_back;
  framing.center = {middle, (top + bottom) / 2, joint.z};
  framing.scale = kHeadHeight / (top - bottom);
  const HeadExtent& width_source = face.is_empty() ? all : face;
  if (!width_source.is_empty()) {
    const float half_width =
        std::min(std::max(width_source.max.x - middle, middle - width_source.min.x), top - bottom);
    if (half_width > 0) framing.scale = std::min(framing.scale, kHeadWidth / (2 * half_width));
  }
  return framing;
}

void add_bone_controls(Rig& rig) {
  turn(rig, "head_x", "head", {13, 0, 0});
  turn(rig, "head_y", "head", {0, -9, 0});
  turn(rig, "neck_z", first_bone(rig, {"neck", "head"}), {0, 0, -10});
  // The belly is further from the spine than a drawn one, so that it needs smaller turns to move as far.
  turn(rig, "body_y", "hips", {0, -7, 0});
  turn(rig, "body_y", "leftUpperLeg", {0, 7, 0});
  turn(rig, "body_y", "rightUpperLeg", {0, 7, 0});
  turn(rig, "body_y", first_bone(rig, {"neck", "head"}), {0, 4.5F, 0});
  lean(rig);
  add_breathing(rig);
}

}  // namespace tha4
