#include <set>
#include <string>
#include <utility>
#include <vector>

#include "character_design.h"
#include <glm/geometric.hpp>
#include <gtest/gtest.h>

#include "tha4/rig/generator.h"

namespace tha4::generator {
namespace {

constexpr std::uint64_t kManySeeds = 2000;

std::string described(const CharacterDesign& design) {
  const HairDesign& hair = design.hair;
  std::string text = design.style.name + ' ' + hair.front + ' ' + hair.side + ' ' + hair.back + ' ' +
                     hair.ahoge + ' ' + hair.color_scheme + ' ' + design.clothes.kind + ' ' +
                     design.clothes.pattern + ' ' + design.face.eye_shape;
  for (const Color& color :
       {hair.base, design.clothes.main, design.clothes.accent, design.face.iris_left.base}) {
    text += ' ' + std::to_string(color.r) + ' ' + std::to_string(color.g) + ' ' + std::to_string(color.b);
  }
  return text;
}

/// Where the middle of the face's front lies in \p pose.
glm::vec3 face_front(const Rig& rig, const Pose& pose) {
  const std::vector<PosedMesh> posed = pose_rig(rig, pose);
  glm::vec3 front(0);
  float nearest = 1e6F;
  for (std::size_t m = 0; m < rig.meshes.size(); ++m) {
    if (rig.meshes[m].name != "front hair") continue;
    for (std::size_t v = 0; v < rig.meshes[m].positions.size(); ++v) {
      const float distance = glm::distance(glm::vec2(rig.meshes[m].positions[v]), glm::vec2(256, 112));
      if (distance >= nearest) continue;
      nearest = distance;
      front = posed[m].positions[v];
    }
  }
  EXPECT_LT(nearest, 15.0F);
  return front;
}

Pose one_parameter(const char* name, float value) {
  Pose pose{};
  pose[static_cast<std::size_t>(pose_parameter_index(name))] = value;
  return pose;
}

TEST(CharacterDesign, IsTheSameForTheSameSeed) {
  for (const std::uint64_t seed : {0ULL, 7ULL, 0xffffffffffffffffULL}) {
    EXPECT_EQ(described(design_character(seed)), described(design_character(seed)));
    const Rig first = generate_rig(seed);
    const Rig second = generate_rig(seed);
    ASSERT_EQ(first.meshes.size(), second.meshes.size());
    ASSERT_EQ(first.textures.size(), second.textures.size());
    for (std::size_t i = 0; i < first.meshes.size(); ++i) {
      EXPECT_EQ(first.meshes[i].positions, second.meshes[i].positions) << first.meshes[i].name;
    }
    for (std::size_t i = 0; i < first.textures.size(); ++i) {
      EXPECT_EQ(first.textures[i].pixels, second.textures[i].pixels);
    }
  }
}

TEST(GeneratorVersion, IsANumberAndAHashOfTheChoices) {
  const std::string version = generator_version();
  EXPECT_EQ(version, generator_version());
  const auto dash = version.find('-');
  ASSERT_NE(dash, std::string::npos) << version;
  EXPECT_GE(std::stoi(version), 1) << version;
  EXPECT_EQ(version.size() - dash - 1, 16U) << version;
  EXPECT_EQ(version.find_first_not_of("0123456789abcdef", dash + 1), std::string::npos) << version;
}

TEST(CharacterDesign, DiffersBetweenSeeds) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < kManySeeds; ++seed) seen.insert(described(design_character(seed)));
  EXPECT_EQ(seen.size(), kManySeeds);
}

TEST(GeneratedRig, TurnsTheWaysOfThePublishedCharacters) {
  const Rig rig = generate_rig(3);
  const glm::vec3 rest = face_front(rig, Pose{});
  for (const float sign : {1.0F, -1.0F}) {
    // Positive head_x looks up; y points down.
    EXPECT_LT(sign * (face_front(rig, one_parameter("head_x", sign)).y - rest.y), -5.0F);
    // Positive head_y looks to the left edge of the picture.
    EXPECT_LT(sign * (face_front(rig, one_parameter("head_y", sign)).x - rest.x), -5.0F);
    EXPECT_LT(sign * (face_front(rig, one_parameter("body_y", sign)).x - rest.x), -1.0F);
    // Positive neck_z and body_z tilt the crown to the left edge, as in the published characters.
    EXPECT_LT(sign * (face_front(rig, one_parameter("neck_z", sign)).x - rest.x), -5.0F);
    EXPECT_LT(sign * (face_front(rig, one_parameter("body_z", sign)).x - rest.x), -10.0F);
  }
  EXPECT_NEAR(face_front(rig, one_parameter("breathing", 1)).y, rest.y, 1e-3F);
}

TEST(GeneratedRig, BendsSmoothlyAtTheWaistAndTheNeck) {
  const Rig rig = generate_rig(5);
  const auto longest_stretch = [&](const Pose& pose) {
    const std::vector<PosedMesh> posed = pose_rig(rig, pose);
    float max = 0;
    for (std::size_t m = 0; m < rig.meshes.size(); ++m) {
      const Mesh& mesh = rig.meshes[m];
      if (mesh.name != "body" && mesh.name != "clothes") continue;
      for (std::size_t i = 0; i < mesh.triangles.size(); ++i) {
        const std::uint32_t a = mesh.triangles[i];
        const std::uint32_t b = mesh.triangles[i % 3 == 2 ? i - 2 : i + 1];
        const float before = glm::distance(mesh.positions[a], mesh.positions[b]);
        const float after = glm::distance(posed[m].positions[a], posed[m].positions[b]);
        max = std::max(max, after / before);
      }
    }
    return max;
  };
  for (const char* name : {"neck_z", "body_y", "body_z", "head_x", "head_y"}) {
    for (const float sign : {1.0F, -1.0F})
      EXPECT_LT(longest_stretch(one_parameter(name, sign)), 1.6F) << name;
  }
}

}  // namespace
}  // namespace tha4::generator
