#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "body.h"
#include "generated_face.h"
#include "head_posture.h"
#include "skeleton.h"
#include <glm/gtc/quaternion.hpp>

#include "tha4/rig/generator.h"

namespace tha4::generator {
namespace {

constexpr std::array<std::uint64_t, 3> kTurnedSeeds = {2, 9, 31};

/// How far a parameter turns the head at 1, about the axes of RigControl: up, to the left edge of the
/// picture, and with the crown to that edge.
struct HeadTurn {
  const char* parameter;
  glm::vec3 axis;
  float degrees;
};

constexpr std::array<HeadTurn, 5> kHeadTurns = {{{"head_x", {1, 0, 0}, 9.5F},
                                                 {"head_y", {0, 1, 0}, -6.8F},
                                                 {"neck_z", {0, 0, 1}, -10},
                                                 {"body_y", {0, 1, 0}, -2},
                                                 {"body_z", {0, 0, 1}, -5}}};

/// How far, in pixels, the published student of lambda_00 moves a place of the character: the mean of its
/// flow over 52 x 6 pixels about the place, which is where the flow leads.
struct PublishedMotion {
  const char* parameter;
  float value;
  glm::vec2 place;
  glm::vec2 motion;
};

constexpr std::array<PublishedMotion, 14> kPublishedMotions = {{{"head_x", 1, {256, 153}, {0, -10.1F}},
                                                                {"head_x", -1, {256, 153}, {0, 11.3F}},
                                                                {"head_y", 1, {256, 153}, {-6.9F, 0}},
                                                                {"neck_z", 1, {256, 138}, {-11.4F, -0.9F}},
                                                                {"body_y", 1, {256, 153}, {-1.8F, 0}},
                                                                {"body_y", 1, {256, 273}, {-3.9F, 0}},
                                                                {"body_y", 1, {256, 408}, {-5.2F, 0}},
                                                                {"body_y", 1, {256, 483}, {0.2F, 0}},
                                                                {"body_z", 1, {256, 153}, {-15.8F, -0.9F}},
                                                                {"body_z", 1, {256, 273}, {-5.7F, -0.7F}},
                                                                {"body_z", 1, {256, 408}, {5.5F, 0.3F}},
                                                                {"body_z", 1, {256, 483}, {12.4F, 1}},
                                                                {"breathing", 1, {256, 153}, {0, 0}},
                                                                {"breathing", 1, {256, 243}, {0, -2}}}};

bool follows_wholly(const Mesh& mesh, std::size_t vertex, int bone) {
  float fraction = 0;
  for (int k = 0; k < 4; ++k) {
    if (mesh.bones[vertex][k] == bone) fraction += mesh.bone_weights[vertex][k];
  }
  return fraction > 0.9999F;
}

/// Body and clothes: what stands still when the head turns.
bool is_of_body(const Mesh& mesh) {
  return mesh.name == "body" || mesh.name == "clothes" || mesh.name == "hood" || mesh.name == "collar";
}

TEST(GeneratedTurns, TheHeadTurnsAsAWhole) {
  for (const std::uint64_t seed : kTurnedSeeds) {
    const Rig rig = generate_rig(seed);
    const Mesh& skin = mesh_named(rig, "skin");
    for (const HeadTurn& turn : kHeadTurns) {
      for (const float value : {1.0F, -1.0F, 0.5F}) {
        const auto posed = pose_rig(rig, pose_of(turn.parameter, value));
        const glm::quat expected = glm::angleAxis(glm::radians(value * turn.degrees), turn.axis);
        const glm::vec3 way = posed_named(rig, posed, "skin").positions[0] - expected * skin.positions[0];
        for (std::size_t m = 0; m < posed.size(); ++m) {
          const Mesh& mesh = rig.meshes[m];
          for (std::size_t v = 0; v < mesh.positions.size(); ++v) {
            if (!follows_wholly(mesh, v, kBoneHead)) continue;
            const glm::vec3 found = posed[m].positions[v];
            ASSERT_LT(glm::distance(found, expected * mesh.positions[v] + way), 0.01F)
                << turn.parameter << " = " << value << ", " << mesh.name << " of seed " << seed;
          }
        }
      }
    }
  }
}

TEST(GeneratedTurns, HeadAndNeckLeaveTheBodyBelowTheNeckUnmoved) {
  for (const std::uint64_t seed : kTurnedSeeds) {
    const Rig rig = generate_rig(seed);
    for (const char* parameter : {"head_x", "head_y", "neck_z"}) {
      for (const float value : {1.0F, -1.0F}) {
        const auto posed = pose_rig(rig, pose_of(parameter, value));
        int seen = 0;
        for (std::size_t m = 0; m < posed.size(); ++m) {
          const Mesh& mesh = rig.meshes[m];
          if (!is_of_body(mesh)) continue;
          for (std::size_t v = 0; v < mesh.positions.size(); ++v) {
            const glm::vec3 from = mesh.positions[v];
            if (from.y < 240 && std::abs(from.x - 256) < 45) continue;
            ++seen;
            EXPECT_LT(glm::distance(posed[m].positions[v], from), 1e-3F)
                << parameter << ", " << mesh.name << " at " << from.x << ", " << from.y << " of " << seed;
          }
        }
        EXPECT_GT(seen, 400) << "vertices of the body";
      }
    }
  }
}

/// Where the vertices of body and face within 8 pixels of a place in the posed picture have come from, on
/// average.
glm::vec2 motion_at(const Rig& rig, const Pose& pose, glm::vec2 place) {
  const auto posed = pose_rig(rig, pose);
  glm::vec2 sum(0);
  int count = 0;
  for (std::size_t m = 0; m < posed.size(); ++m) {
    const Mesh& mesh = rig.meshes[m];
    if (mesh.name != "skin" && mesh.name != "body") continue;
    for (std::size_t v = 0; v < mesh.positions.size(); ++v) {
      const glm::vec2 to = posed[m].positions[v];
      // The neck of the body reaches up behind the face.
      if (mesh.name == "body" && place.y < 180) continue;
      if (std::abs(to.x - place.x) > 26 || std::abs(to.y - place.y) > 10) continue;
      sum += to - glm::vec2(mesh.positions[v]);
      ++count;
    }
  }
  EXPECT_GT(count, 3) << "vertices at " << place.x << ", " << place.y;
  return sum / static_cast<float>(count);
}

TEST(GeneratedTurns, MoveAsFarAsThePublishedNetworksDo) {
  for (const std::uint64_t seed : kTurnedSeeds) {
    const Rig rig = generate_rig(seed);
    for (const PublishedMotion& published : kPublishedMotions) {
      const glm::vec2 found = motion_at(rig, pose_of(published.parameter, published.value), published.place);
      EXPECT_LT(glm::distance(found, published.motion), 2.5F)
          << published.parameter << " at " << published.place.y << ": " << found.x << ", " << found.y
          << " of seed " << seed;
    }
  }
}

TEST(GeneratedTurns, EachActsMoreTheGreaterItsValue) {
  for (const std::uint64_t seed : kTurnedSeeds) {
    const Rig rig = generate_rig(seed);
    for (const PoseParameter& parameter : pose_parameters().subspan<kFacePoseSize>()) {
      for (const float end : ends_of(parameter)) {
        float before = 0;
        for (const float fraction : {0.25F, 0.5F, 0.75F, 1.0F}) {
          const float motion = total_motion(rig, pose_of(parameter.name, fraction * end));
          EXPECT_GT(motion, before * 1.2F + 100)
              << parameter.name << " = " << fraction * end << " of " << seed;
          before = motion;
        }
      }
    }
  }
}

/// A vertex and the one at the mirrored place.
struct MirroredVertices {
  std::size_t mesh;
  std::size_t vertex;
  std::size_t mirror_mesh;
  std::size_t mirror_vertex;
};

std::optional<std::size_t> mesh_index(const Rig& rig, const std::string& name) {
  const auto mesh = std::ranges::find(rig.meshes, name, &Mesh::name);
  if (mesh == rig.meshes.end()) return std::nullopt;
  return static_cast<std::size_t>(mesh - rig.meshes.begin());
}

glm::vec3 mirrored_point(const glm::vec3& point) {
  return {512 - point.x, point.y, point.z};
}

/// Of body, face and eyes; where the triangles of the two sides differ, a vertex has no partner.
std::vector<MirroredVertices> mirrored_vertices(const Rig& rig) {
  std::vector<MirroredVertices> pairs;
  for (const auto& [name, mirror_name] : {std::pair{"body", "body"},
                                          {"skin", "skin"},
                                          {"brow_left", "brow_right"},
                                          {"upper_lash_left", "upper_lash_right"},
                                          {"eye_white_left", "eye_white_right"}}) {
    const auto mesh = mesh_index(rig, name);
    const auto mirror = mesh_index(rig, mirror_name);
    if (!mesh || !mirror) continue;
    const auto& candidates = rig.meshes[*mirror].positions;
    for (std::size_t v = 0; v < rig.meshes[*mesh].positions.size(); ++v) {
      const glm::vec3 wanted = mirrored_point(rig.meshes[*mesh].positions[v]);
      const auto found = std::ranges::find_if(
          candidates, [&](const glm::vec3& place) { return glm::distance(place, wanted) < 1e-2F; });
      if (found == candidates.end()) continue;
      pairs.push_back({*mesh, v, *mirror, static_cast<std::size_t>(found - candidates.begin())});
    }
  }
  return pairs;
}

TEST(GeneratedTurns, OneWayMirrorsTheOther) {
  for (const std::uint64_t seed : seeds_where(3, 2, is_straight)) {
    const Rig rig = generate_rig(seed);
    const std::vector<MirroredVertices> pairs = mirrored_vertices(rig);
    EXPECT_GT(pairs.size(), 500U);
    // What turns about y or z turns the other way in a mirror; what goes up and down is its own mirror image.
    for (const auto& [parameter, mirrored_value] : {std::pair{"head_y", -1.0F},
                                                    {"neck_z", -1.0F},
                                                    {"body_y", -1.0F},
                                                    {"body_z", -1.0F},
                                                    {"head_x", 1.0F},
                                                    {"breathing", 1.0F}}) {
      const auto posed = pose_rig(rig, pose_of(parameter, 1));
      const auto mirror = pose_rig(rig, pose_of(parameter, mirrored_value));
      for (const MirroredVertices& pair : pairs) {
        const glm::vec3 found = mirror[pair.mirror_mesh].positions[pair.mirror_vertex];
        const glm::vec3 expected = mirrored_point(posed[pair.mesh].positions[pair.vertex]);
        ASSERT_LT(glm::distance(found, expected), 0.05F)
            << parameter << ", " << rig.meshes[pair.mesh].name << " of seed " << seed;
      }
    }
  }
}

TEST(GeneratedTurns, RaisedHandsFollowTheChestAndHangOnTheirElbows) {
  const auto seeds =
      seeds_where(6, 2, [](const CharacterDesign& design) { return design.body.arms.gesture != "down"; });
  for (const std::uint64_t seed : seeds) {
    const Rig rig = generate_rig(seed);
    const BodyShape shape(design_character(seed).body);
    const Mesh& arms = mesh_named(rig, "raised arms");
    const Mesh& body = mesh_named(rig, "body");
    for (const char* parameter : {"head_x", "head_y", "neck_z"}) {
      const auto posed = pose_rig(rig, pose_of(parameter, 1));
      EXPECT_EQ(posed_named(rig, posed, "raised arms").positions, arms.positions)
          << parameter << " of " << seed;
    }
    for (const char* parameter : {"body_y", "body_z", "breathing"}) {
      const auto posed = pose_rig(rig, pose_of(parameter, 1));
      const auto& moved = posed_named(rig, posed, "raised arms").positions;
      const auto& moved_body = posed_named(rig, posed, "body").positions;
      for (const float side : {-1.0F, 1.0F}) {
        if (!shape.is_raised(side)) continue;
        const auto way_near_elbow = [&](const Mesh& mesh, const std::vector<glm::vec3>& to) {
          const auto distance = [&](const glm::vec3& point) {
            return glm::distance(glm::vec2(point), shape.elbow(side));
          };
          const auto nearest = std::ranges::min_element(mesh.positions, {}, distance);
          EXPECT_LT(distance(*nearest), 9);
          return to[static_cast<std::size_t>(nearest - mesh.positions.begin())] - *nearest;
        };
        EXPECT_LT(glm::distance(way_near_elbow(arms, moved), way_near_elbow(body, moved_body)), 2.5F)
            << parameter << " of " << seed;
      }
    }
  }
}

TEST(GeneratedTurns, TheHeadIsHeldAsThePostureSaysAndKeepsItsShape) {
  const Rig straight = generate_rig(seeds_where(1, 2, is_straight)[0]);
  Rig held = straight;
  hold_head(held, {});
  for (std::size_t m = 0; m < held.meshes.size(); ++m)
    EXPECT_EQ(held.meshes[m].positions, straight.meshes[m].positions);

  // What a pose makes of the head is what the posture of as many degrees makes of it.
  hold_head(held, {.up = 3, .turn = -6, .tilt = 4.5F});
  EXPECT_NO_THROW(check_rig(held, "held"));
  Pose pose{};
  for (const auto& [name, value] : {std::pair{"head_x", 3 / kNodDegrees},
                                    {"head_y", -6 / kTurnDegrees},
                                    {"neck_z", 4.5F / kTiltDegrees}}) {
    pose[static_cast<std::size_t>(pose_parameter_index(name))] = value;
  }
  for (const char* parameter : {"eye_wink_left", "mouth_aaa", "iris_rotation_x"}) {
    Pose expression = pose;
    expression[static_cast<std::size_t>(pose_parameter_index(parameter))] = 1;
    const auto expected = pose_rig(straight, expression);
    const auto found = pose_rig(held, pose_of(parameter, 1));
    for (std::size_t m = 0; m < held.meshes.size(); ++m) {
      for (std::size_t v = 0; v < held.meshes[m].positions.size(); ++v) {
        ASSERT_LT(glm::distance(found[m].positions[v], expected[m].positions[v]), 1e-2F)
            << parameter << ", " << held.meshes[m].name;
      }
    }
  }
}

TEST(GeneratedTurns, BreathingRaisesChestAndShouldersAndLeavesTheHips) {
  for (const std::uint64_t seed : kTurnedSeeds) {
    const Rig rig = generate_rig(seed);
    const auto posed = pose_rig(rig, pose_of("breathing", 1));
    const Mesh& body = mesh_named(rig, "body");
    const auto& breathing = posed_named(rig, posed, "body").positions;
    float min = 1e6F;
    for (std::size_t v = 0; v < body.positions.size(); ++v) {
      const glm::vec3 from = body.positions[v];
      const glm::vec3 way = breathing[v] - from;
      EXPECT_EQ(way.x, 0) << "sideways";
      EXPECT_LE(way.y, 0) << "down";
      // Shoulders and chest, arms included.
      if (from.y > 238 && from.y < 265) min = std::min(min, -way.y);
      if (from.y > 415) {
        EXPECT_LT(glm::length(way), 1e-3F) << "hips, legs and hands";
      }
    }
    EXPECT_GT(min, 1.5F) << "seed " << seed;
    // The head stays where it is.
    for (std::size_t m = 0; m < posed.size(); ++m) {
      for (std::size_t v = 0; v < posed[m].positions.size(); ++v) {
        if (!follows_wholly(rig.meshes[m], v, kBoneHead)) continue;
        ASSERT_LT(std::abs(posed[m].positions[v].y - rig.meshes[m].positions[v].y), 1e-3F)
            << rig.meshes[m].name;
      }
    }
  }
}

}  // namespace
}  // namespace tha4::generator
