#include "humanoid_nodes.h"

#include <glm/common.hpp>

namespace tha4 {
namespace {

using std::string;

/// Adds bones to a skeleton and keeps it in the order that VRM prescribes. Lengths are in pixels of the rest
/// image, for a body whose head fills the middle box.
class HumanoidBuilder {
 public:
  explicit HumanoidBuilder(const std::vector<Bone>& rig_bones) {
    nodes_.bones = rig_bones;
    for (std::size_t i = 0; i < rig_bones.size(); ++i) {
      for (const char* name :
           {"hips",          "spine",         "chest",         "upperChest",    "neck",
            "head",          "jaw",           "leftEye",       "rightEye",      "leftShoulder",
            "leftUpperArm",  "leftLowerArm",  "leftHand",      "rightShoulder", "rightUpperArm",
            "rightLowerArm", "rightHand",     "leftUpperLeg",  "leftLowerLeg",  "leftFoot",
            "leftToes",      "rightUpperLeg", "rightLowerLeg", "rightFoot",     "rightToes"}) {
        if (rig_bones[i].name == name) nodes_.roles.emplace(name, static_cast<int>(i));
      }
    }
    if (!has("chest")) nodes_.roles.erase("upperChest");
  }

  HumanoidNodes build() {
    build_torso();
    for (const char* part : {"jaw", "leftEye", "rightEye"}) {
      if (has(part)) hang(part, "head");
    }
    for (const float side : {1.0F, -1.0F}) {
      build_arm(side);
      build_leg(side);
    }
    for (std::size_t i = 0; i < nodes_.bones.size(); ++i) {
      if (nodes_.bones[i].parent < 0 && static_cast<int>(i) != nodes_.roles.at("hips")) {
        nodes_.bones[i].parent = nodes_.roles.at("hips");
      }
    }
    return std::move(nodes_);
  }

 private:
  bool has(const string& role) const { return nodes_.roles.contains(role); }
  Bone& bone(const string& role) { return nodes_.bones[static_cast<std::size_t>(nodes_.roles.at(role))]; }

  void require(const string& role, const glm::vec3& joint) {
    if (has(role)) return;
    nodes_.roles.emplace(role, static_cast<int>(nodes_.bones.size()));
    nodes_.bones.push_back({role, -1, joint});
  }

  bool is_above(int ancestor, int node) const {
    while (node >= 0 && node != ancestor) node = nodes_.bones[static_cast<std::size_t>(node)].parent;
    return node == ancestor;
  }

  /// Makes \p upper an ancestor of \p role, moving the topmost bone above it that is not one of both.
  void hang(const string& role, const string& upper) {
    const int above = nodes_.roles.at(upper);
    int node = nodes_.roles.at(role);
    if (is_above(above, node)) return;
    if (is_above(node, above)) {
      // The wrong way round: the rig's bones cannot be humanoid in these roles, so the role gets a new one.
      const glm::vec3 joint = bone(role).joint;
      nodes_.roles.erase(role);
      require(role, joint);
      bone(role).parent = above;
      return;
    }
    for (int next = node; next >= 0 && !is_above(next, above);) {
      node = next;
      next = nodes_.bones[static_cast<std::size_t>(next)].parent;
    }
    nodes_.bones[static_cast<std::size_t>(node)].parent = above;
  }

  void build_torso() {
    require("hips", glm::vec3(256, 430, 0));
    const glm::vec3 hips = bone("hips").joint;
    require("head", glm::vec3(hips.x, glm::min(170.0F, hips.y - 60), hips.z));
    string next = "head";
    for (const char* role : {"neck", "upperChest", "chest"}) {
      if (has(role)) next = role;
    }
    require("spine", glm::mix(hips, bone(next).joint, 0.35F));
    string above = "hips";
    for (const char* role : {"spine", "chest", "upperChest", "neck", "head"}) {
      if (!has(role)) continue;
      hang(role, above);
      above = role;
    }
  }

  string top_of_torso() const {
    for (const char* role : {"upperChest", "chest"}) {
      if (has(role)) return role;
    }
    return "spine";
  }

  void build_arm(float side) {
    const string prefix = side > 0 ? "left" : "right";
    const string torso = top_of_torso();
    const glm::vec3 neck = bone(has("neck") ? "neck" : "head").joint;
    string above = torso;
    glm::vec3 joint = neck + glm::vec3(side * 50, 25, 0);
    if (has(prefix + "Shoulder")) {
      hang(prefix + "Shoulder", torso);
      above = prefix + "Shoulder";
      joint = bone(above).joint + glm::vec3(side * 20, 0, 0);
    }
    for (const auto& [part, length] : {std::pair{"UpperArm", 110.0F}, {"LowerArm", 100.0F}, {"Hand", 0.0F}}) {
      require(prefix + part, joint);
      hang(prefix + part, above);
      above = prefix + part;
      // VRM's rest is the T-pose: arms stretched out to the sides.
      joint = bone(above).joint + glm::vec3(side * length, 0, 0);
    }
  }

  void build_leg(float side) {
    const string prefix = side > 0 ? "left" : "right";
    string above = "hips";
    glm::vec3 joint = bone("hips").joint + glm::vec3(side * 40, 20, 0);
    for (const auto& [part, length] : {std::pair{"UpperLeg", 190.0F}, {"LowerLeg", 190.0F}, {"Foot", 0.0F}}) {
      require(prefix + part, joint);
      hang(prefix + part, above);
      above = prefix + part;
      joint = bone(above).joint + glm::vec3(0, length, 0);
    }
    if (has(prefix + "Toes")) hang(prefix + "Toes", above);
  }

  HumanoidNodes nodes_;
};

}  // namespace

HumanoidNodes make_humanoid_nodes(const std::vector<Bone>& rig_bones) {
  return HumanoidBuilder(rig_bones).build();
}

}  // namespace tha4
