#include <cmath>

#include "node_constraints.h"
#include "vrm_fixture.h"
#include "vrm_import_parts.h"
#include <glm/gtc/matrix_transform.hpp>
#include <glm/gtc/quaternion.hpp>

#include "tha4/rig/vrm.h"

// Nodes that follow others by VRMC_node_constraint, whose rules of roll, aim and rotation these are.

namespace tha4::test {
namespace {

/// An avatar with a node "follower" at the shoulder that hangs on the chest and follows as \p constraint
/// says.
struct Following {
  BoxAvatar avatar;
  int follower = -1;

  explicit Following(const json& constraint, const glm::quat& rotation = {1, 0, 0, 0}) {
    follower = add_node("follower", "chest", constraint, rotation);
  }

  int add_node(const std::string& name, const std::string& parent, const json& constraint,
               const glm::quat& rotation = {1, 0, 0, 0}) {
    json& nodes = avatar.file.content["nodes"];
    nodes.push_back({{"name", name},
                     {"translation", {0.2F, 0.15F, 0}},
                     {"rotation", {rotation.x, rotation.y, rotation.z, rotation.w}},
                     {"extensions", {{"VRMC_node_constraint", {{"constraint", constraint}}}}}});
    const int node = static_cast<int>(nodes.size()) - 1;
    nodes[static_cast<std::size_t>(avatar.bone(parent))]["children"].push_back(node);
    return node;
  }

  int node(const std::string& bone) const { return avatar.bone(bone); }

  /// How the follower has turned in the world after \p bone was turned by \p degrees about \p axis.
  glm::quat turn_after(const std::string& bone, float degrees, const glm::vec3& axis,
                       std::vector<std::string>* notes = nullptr) const {
    const GltfDocument document = read_gltf_document(avatar.write("constraint.vrm"));
    const GltfScene rest = read_scene(document);
    GltfScene scene = rest;
    turn_node(scene, node(bone), degrees, axis);
    std::vector<std::string> told;
    follow_constraints(document, rest, scene, told);
    if (notes != nullptr) *notes = told;
    const auto rotation = [&](const GltfScene& of) {
      return glm::quat_cast(glm::mat3(of.worlds[static_cast<std::size_t>(follower)]));
    };
    EXPECT_LT(glm::distance(position_of(scene, follower), position_of(rest, follower)), 1e-5F);
    return rotation(scene) * glm::inverse(rotation(rest));
  }
};

void expect_turn(const glm::quat& found, float degrees, const glm::vec3& axis) {
  const glm::quat wanted = glm::angleAxis(glm::radians(degrees), axis);
  EXPECT_NEAR(std::abs(glm::dot(found, wanted)), 1, 1e-5)
      << glm::degrees(glm::angle(found)) << " degrees about " << glm::axis(found).x << ' '
      << glm::axis(found).y << ' ' << glm::axis(found).z;
}

constexpr glm::vec3 kX(1, 0, 0), kY(0, 1, 0), kZ(0, 0, 1);

json roll(const char* axis, int source, double weight) {
  return {{"roll", {{"source", source}, {"rollAxis", axis}, {"weight", weight}}}};
}

json aim(const char* axis, int source, double weight = 1) {
  return {{"aim", {{"source", source}, {"aimAxis", axis}, {"weight", weight}}}};
}

json rotation(int source, double weight) {
  return {{"rotation", {{"source", source}, {"weight", weight}}}};
}

int place_of(const char* bone) {
  return BoxAvatar().bone(bone);
}

TEST(VrmConstraints, RollTakesOverTheTurnAboutItsAxisAlone) {
  const int arm = place_of("leftUpperArm");
  expect_turn(Following(roll("X", arm, 1)).turn_after("leftUpperArm", 80, kX), 80, kX);
  expect_turn(Following(roll("X", arm, 0.5)).turn_after("leftUpperArm", 80, kX), 40, kX);
  expect_turn(Following(roll("X", arm, 0)).turn_after("leftUpperArm", 80, kX), 0, kX);
  expect_turn(Following(roll("X", arm, 1)).turn_after("leftUpperArm", -70, kZ), 0, kX);
  expect_turn(Following(roll("Z", arm, 1)).turn_after("leftUpperArm", -70, kZ), -70, kZ);
  // Axes are those of the node: turned by a right angle about z, its x points where y was.
  const glm::quat upright = glm::angleAxis(glm::radians(90.0F), kZ);
  expect_turn(Following(roll("X", arm, 1), upright).turn_after("leftUpperArm", 30, kY), 30, kY);
  expect_turn(Following(roll("Y", arm, 1), upright).turn_after("leftUpperArm", 30, kY), 0, kY);
}

TEST(VrmConstraints, RotationTakesOverAllOfIt) {
  const int arm = place_of("leftUpperArm");
  expect_turn(Following(rotation(arm, 1)).turn_after("leftUpperArm", -70, kZ), -70, kZ);
  expect_turn(Following(rotation(arm, 0.5)).turn_after("leftUpperArm", 50, kY), 25, kY);
  expect_turn(Following(json{{"rotation", {{"source", arm}}}}).turn_after("leftUpperArm", 50, kY), 50, kY);
  // What the source's parent turns is no turn of the source: the follower goes along with the chest.
  expect_turn(Following(rotation(arm, 1)).turn_after("chest", 0, kY), 0, kY);
}

TEST(VrmConstraints, AimPointsItsAxisAtTheSource) {
  const int elbow = place_of("leftLowerArm");
  // The elbow is at +x of the shoulder.
  expect_turn(Following(aim("PositiveX", elbow)).turn_after("leftUpperArm", -70, kZ), -70, kZ);
  expect_turn(Following(aim("PositiveX", elbow, 0.5)).turn_after("leftUpperArm", -70, kZ), -35, kZ);
  expect_turn(Following(aim("NegativeX", elbow)).turn_after("spine", 0, kZ), 180, kZ);
  expect_turn(Following(aim("PositiveY", elbow)).turn_after("spine", 0, kZ), -90, kZ);
  const glm::quat upright = glm::angleAxis(glm::radians(-90.0F), kZ);
  expect_turn(Following(aim("PositiveY", elbow), upright).turn_after("leftUpperArm", -70, kZ), -70, kZ);
}

TEST(VrmConstraints, FollowersOfFollowersComeAfterThem) {
  const int arm = place_of("leftUpperArm");
  const int first_added = static_cast<int>(BoxAvatar().file.content["nodes"].size());
  Following chain(rotation(first_added + 1, 1));  // follows a node that is added later
  EXPECT_EQ(chain.add_node("second", "chest", rotation(arm, 0.5)), first_added + 1);
  expect_turn(chain.turn_after("leftUpperArm", -60, kZ), -30, kZ);
}

TEST(VrmConstraints, WhatMakesNoSenseIsPassedOver) {
  const int arm = place_of("leftUpperArm");
  const int own = static_cast<int>(BoxAvatar().file.content["nodes"].size());
  const auto note = [](int count) {
    return std::to_string(count) +
           " constraints between nodes make no sense or go round in circles and were passed over.";
  };
  for (const json& constraint :
       {json(), json(7), json::object(), roll("W", arm, 1), roll("PositiveQ", arm, 1), rotation(-1, 1),
        rotation(100000, 1), rotation(own, 1), json{{"rotation", {{"source", "arm"}}}},
        json{{"rotation", {{"source", 1.5}}}}, json{{"rotation", {{"source", arm}, {"weight", "much"}}}},
        json{{"roll", {{"source", arm}}}}, json{{"aim", {{"source", arm}, {"aimAxis", 3}}}},
        aim("PositiveX", arm)}) {  // the arm's joint is where the follower is
    std::vector<std::string> notes;
    expect_turn(Following(constraint).turn_after("leftUpperArm", -70, kZ, &notes), 0, kZ);
    EXPECT_TRUE(contains(notes, note(1))) << constraint;
  }
  // Weights are clipped.
  expect_turn(Following(rotation(arm, 1e30)).turn_after("leftUpperArm", 20, kZ), 20, kZ);
  expect_turn(Following(rotation(arm, -5)).turn_after("leftUpperArm", 20, kZ), 0, kZ);

  Following circle(rotation(own + 1, 1));
  circle.add_node("second", "chest", rotation(own, 1));
  std::vector<std::string> notes;
  expect_turn(circle.turn_after("leftUpperArm", -70, kZ, &notes), 0, kZ);
  EXPECT_TRUE(contains(notes, note(2)));
  Following own_child(rotation(own + 1, 1));
  json& nodes = own_child.avatar.file.content["nodes"];
  nodes.push_back({{"name", "child"}});
  nodes[static_cast<std::size_t>(own)]["children"] = {own + 1};
  expect_turn(own_child.turn_after("leftUpperArm", -70, kZ, &notes), 0, kZ);
  EXPECT_TRUE(contains(notes, note(1)));

  Following flat(rotation(arm, 1));
  flat.avatar.file.content["nodes"][static_cast<std::size_t>(own)]["scale"] = {0, 0, 0};
  EXPECT_NO_THROW(read_vrm(flat.avatar.write("flat.vrm")));
}

/// A sleeve on a node of its own goes down with the arm.
TEST(VrmConstraints, SleevesFollowArmsThatAreLowered) {
  Following sleeved(aim("PositiveX", place_of("leftLowerArm")));
  json& nodes = sleeved.avatar.file.content["nodes"];
  const int mesh = sleeved.avatar.add_mesh(
      "Sleeve", BoxAvatar::box({0, -0.04F, -0.04F}, {0.2F, 0.04F, 0.04F}), "leftUpperArm");
  nodes.back().erase("skin");
  const int holder = static_cast<int>(nodes.size()) - 1;
  ASSERT_EQ(nodes.back()["mesh"], mesh);
  nodes[static_cast<std::size_t>(sleeved.follower)]["children"] = {holder};
  json& shown = sleeved.avatar.file.content["scenes"][0]["nodes"];
  shown.erase(shown.size() - 1);
  const VrmImport import = import_vrm(sleeved.avatar.write("sleeve.vrm"));
  const auto angle = [&](const char* name) {
    const auto& p = mesh_named(import.rig, name).positions;
    const glm::vec3 along = (p[1] + p[3]) - (p[0] + p[2]);
    return glm::degrees(std::atan2(along.y, along.x));
  };
  EXPECT_NEAR(angle("Arm"), 70, 0.1);
  EXPECT_NEAR(angle("Sleeve"), 70, 0.1);
}

}  // namespace
}  // namespace tha4::test
