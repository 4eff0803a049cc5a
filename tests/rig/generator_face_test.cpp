#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "character_design.h"
#include "face_parts.h"
#include "rig/generated_face.h"

#include "tha4/rig/generator.h"

namespace tha4::generator {
namespace {

const std::vector<std::uint64_t>& straight_seeds() {
  static const std::vector<std::uint64_t> seeds = seeds_where(5, 1, is_straight);
  return seeds;
}

TEST(GeneratedFace, EachParameterMovesItsPartOfTheFaceAndNothingElse) {
  for (const std::uint64_t seed : straight_seeds()) {
    const Rig rig = generate_rig(seed);
    for (const PoseParameter& parameter : face_parameters()) {
      const Box reach = reach_of(parameter);
      for (const float value : ends_of(parameter)) {
        const auto posed = pose_rig(rig, pose_of(parameter.name, value));
        float max = 0;
        for (std::size_t m = 0; m < posed.size(); ++m) {
          for (std::size_t v = 0; v < posed[m].positions.size(); ++v) {
            const glm::vec3 from = rig.meshes[m].positions[v];
            const glm::vec3 to = posed[m].positions[v];
            const float way = glm::length(to - from);
            max = std::max(max, way);
            if (way < 0.01F) continue;
            EXPECT_TRUE(reach.contains(from) && reach.contains(to))
                << parameter.name << " = " << value << " moves " << rig.meshes[m].name << " at " << from.x
                << ", " << from.y << " of seed " << seed;
          }
        }
        EXPECT_GT(max, 1.5F) << parameter.name << " = " << value << " of seed " << seed;
      }
    }
  }
}

TEST(GeneratedFace, EachParameterActsMoreTheGreaterItsValue) {
  for (const std::uint64_t seed : straight_seeds()) {
    const Rig rig = generate_rig(seed);
    for (const PoseParameter& parameter : face_parameters()) {
      for (const float end : ends_of(parameter)) {
        float before = 0;
        for (const float fraction : {0.25F, 0.5F, 0.75F, 1.0F}) {
          const float motion = total_motion(rig, pose_of(parameter.name, fraction * end));
          EXPECT_GT(motion, before * 1.05F) << parameter.name << " = " << fraction * end << " of " << seed;
          before = motion;
        }
      }
    }
  }
}

TEST(GeneratedFace, LeftAndRightMirrorEachOther) {
  for (const std::uint64_t seed : straight_seeds()) {
    const Rig rig = generate_rig(seed);
    for (const PoseParameter& parameter : face_parameters()) {
      const std::string left(parameter.name);
      if (!left.ends_with("_left") || left.starts_with("mouth")) continue;
      const std::string right = std::string(parameter.group) + "_right";
      const auto posed_left = pose_rig(rig, pose_of(left, 1));
      const auto posed_right = pose_rig(rig, pose_of(right, 1));
      for (const std::string part :
           {"upper_lash", "lash_tips", "lower_lash", "lid_crease", "lid_shadow", "brow"}) {
        const PosedMesh& mesh = posed_named(rig, posed_left, part + "_left");
        const PosedMesh& mirror = posed_named(rig, posed_right, part + "_right");
        ASSERT_EQ(mesh.positions.size(), mirror.positions.size());
        for (std::size_t v = 0; v < mesh.positions.size(); ++v) {
          EXPECT_NEAR(mesh.positions[v].x, 512 - mirror.positions[v].x, 1e-3F) << left << " " << part;
          EXPECT_NEAR(mesh.positions[v].y, mirror.positions[v].y, 1e-3F) << left << " " << part;
        }
      }
    }
  }
}

/// The corners of a mesh's box, least and most.
std::pair<glm::vec2, glm::vec2> box_of(const std::vector<glm::vec3>& positions) {
  glm::vec2 min(1e6F);
  glm::vec2 max(-1e6F);
  for (const glm::vec3& position : positions) {
    min = glm::min(min, glm::vec2(position));
    max = glm::max(max, glm::vec2(position));
  }
  return {min, max};
}

TEST(GeneratedFace, LidsIrisesAndHighlightsOfBothSidesMirrorEachOther) {
  for (const std::uint64_t seed : straight_seeds()) {
    const Rig rig = generate_rig(seed);
    const EyeShape eye = face_layout(design_character(seed).face).eye;
    const LidVertices left_lids = lid_vertices(mesh_named(rig, "skin"), eye, Side::left);
    const LidVertices right_lids = lid_vertices(mesh_named(rig, "skin"), eye, Side::right);
    for (const PoseParameter& parameter : face_parameters()) {
      const std::string left(parameter.name);
      if (!left.ends_with("_left") || left.starts_with("mouth")) continue;
      const auto posed_left = pose_rig(rig, pose_of(left, 1));
      const auto posed_right = pose_rig(rig, pose_of(std::string(parameter.group) + "_right", 1));
      const auto& skin = posed_named(rig, posed_left, "skin").positions;
      const auto& mirror = posed_named(rig, posed_right, "skin").positions;
      for (std::size_t i = 0; i < left_lids.upper.size(); ++i) {
        for (const auto lid : {&LidVertices::upper, &LidVertices::lower}) {
          const glm::vec3 point = skin[(left_lids.*lid)[i]];
          const glm::vec3 other = mirror[(right_lids.*lid)[i]];
          EXPECT_NEAR(point.x, 512 - other.x, 1e-3F) << left;
          EXPECT_NEAR(point.y, other.y, 1e-3F) << left;
        }
      }
      const auto [min, max] = box_of(posed_named(rig, posed_left, "iris_left").positions);
      const auto [other_min, other_max] = box_of(posed_named(rig, posed_right, "iris_right").positions);
      EXPECT_NEAR(min.x, 512 - other_max.x, 1e-3F) << left;
      EXPECT_NEAR(max.x, 512 - other_min.x, 1e-3F) << left;
      EXPECT_NEAR(min.y, other_min.y, 1e-3F) << left;
      EXPECT_NEAR(max.y, other_max.y, 1e-3F) << left;
      // The light comes from one side, so that the highlights are alike, not mirrored.
      const auto shining = box_of(posed_named(rig, posed_left, "highlights_left").positions);
      const auto others = box_of(posed_named(rig, posed_right, "highlights_right").positions);
      EXPECT_LT(glm::distance(shining.second - shining.first, others.second - others.first), 1e-3F) << left;
    }
  }
}

TEST(GeneratedFace, MouthCornersMirrorEachOther) {
  const Rig rig = generate_rig(straight_seeds()[1]);
  for (const std::string group : {"mouth_lowered_corner", "mouth_raised_corner"}) {
    const auto left = pose_rig(rig, pose_of(group + "_left", 1));
    const auto right = pose_rig(rig, pose_of(group + "_right", 1));
    const auto& mesh = posed_named(rig, left, "mouth_inside").positions;
    const auto& mirror = posed_named(rig, right, "mouth_inside").positions;
    const std::size_t rungs = mesh.size() / 2;
    for (std::size_t i = 0; i < rungs; ++i) {
      EXPECT_NEAR(mesh[2 * i].x, 512 - mirror[2 * (rungs - 1 - i)].x, 1e-3F) << group;
      EXPECT_NEAR(mesh[2 * i].y, mirror[2 * (rungs - 1 - i)].y, 1e-3F) << group;
    }
  }
}

constexpr std::array<const char*, 6> kLidParameters = {"eye_wink_",        "eye_happy_wink_",
                                                       "eye_surprised_",   "eye_relaxed_",
                                                       "eye_unimpressed_", "eye_raised_lower_eyelid_"};

TEST(GeneratedFace, LidsNeverCrossHoweverParametersAreCombined) {
  for (const std::uint64_t seed : straight_seeds()) {
    const Rig rig = generate_rig(seed);
    const EyeShape eye = face_layout(design_character(seed).face).eye;
    const LidVertices vertices = lid_vertices(mesh_named(rig, "skin"), eye, Side::left);
    for (unsigned combination = 0; combination < 64; ++combination) {
      Pose pose{};
      for (unsigned k = 0; k < kLidParameters.size(); ++k) {
        const int index = pose_parameter_index(std::string(kLidParameters[k]) + "left");
        pose[static_cast<std::size_t>(index)] = (combination >> k & 1U) != 0 ? 1.0F : 0.0F;
      }
      const auto posed = pose_rig(rig, pose);
      EXPECT_GE(opening(posed_named(rig, posed, "skin").positions, vertices).second, -1e-3F)
          << "combination " << combination << " of seed " << seed;
    }
  }
}

TEST(GeneratedFace, BothWinksCloseTheEyeCompletely) {
  for (const std::uint64_t seed : straight_seeds()) {
    const Rig rig = generate_rig(seed);
    const EyeShape eye = face_layout(design_character(seed).face).eye;
    for (const Side side : kSides) {
      const LidVertices vertices = lid_vertices(mesh_named(rig, "skin"), eye, side);
      EXPECT_GT(opening(mesh_named(rig, "skin").positions, vertices).first, 9);
      for (const char* group : {"eye_wink", "eye_happy_wink"}) {
        const auto posed = pose_rig(rig, pose_of(named(group, side), 1));
        EXPECT_LT(opening(posed_named(rig, posed, "skin").positions, vertices).first, 0.01F) << group;
      }
      // The two closed eyes differ in their arc: the one hangs, the other stands.
      const auto bow_of = [&](const char* group) {
        const auto posed = pose_rig(rig, pose_of(named(group, side), 1));
        const auto& skin = posed_named(rig, posed, "skin").positions;
        const auto& upper = vertices.upper;
        return skin[upper[upper.size() / 2]].y - (skin[upper.front()].y + skin[upper.back()].y) / 2;
      };
      EXPECT_GT(bow_of("eye_wink"), 3);
      EXPECT_LT(bow_of("eye_happy_wink"), -6);
    }
  }
}

TEST(GeneratedFace, LipsNeverCrossHoweverParametersAreCombined) {
  const Rig rig = generate_rig(straight_seeds()[2]);
  std::mt19937 random(5);
  for (int trial = 0; trial < 200; ++trial) {
    Pose pose{};
    for (const PoseParameter& parameter : face_parameters()) {
      if (parameter.category != PoseCategory::mouth) continue;
      const auto value = static_cast<float>(random() % 5) / 4;
      pose[static_cast<std::size_t>(pose_parameter_index(parameter.name))] = value;
    }
    const auto posed = pose_rig(rig, pose);
    for (const char* part : {"mouth_inside", "teeth", "tongue"}) {
      const auto& band = posed_named(rig, posed, part).positions;
      for (std::size_t i = 0; i < band.size(); i += 2) EXPECT_LE(band[i].y, band[i + 1].y + 1e-3F) << part;
    }
  }
}

TEST(GeneratedFace, GazeFollowsTheSignsOfThePoseTable) {
  const Rig rig = generate_rig(straight_seeds()[0]);
  const auto middle_of = [&](const Pose& pose, const char* part) {
    const auto posed = pose_rig(rig, pose);
    const auto& positions = posed_named(rig, posed, part).positions;
    glm::vec2 sum(0);
    for (const glm::vec3& position : positions) sum += glm::vec2(position);
    return sum / static_cast<float>(positions.size());
  };
  for (const char* part : {"iris_left", "iris_right"}) {
    const glm::vec2 rest = middle_of(Pose{}, part);
    EXPECT_LT(middle_of(pose_of("iris_rotation_x", 1), part).y, rest.y - 3);
    EXPECT_GT(middle_of(pose_of("iris_rotation_x", -1), part).y, rest.y + 3);
    EXPECT_LT(middle_of(pose_of("iris_rotation_y", 1), part).x, rest.x - 3);
    EXPECT_GT(middle_of(pose_of("iris_rotation_y", -1), part).x, rest.x + 3);
  }
}

TEST(GeneratedFace, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const Rig first = generate_rig(11);
  const Rig second = generate_rig(11);
  const Rig other = generate_rig(12);
  ASSERT_EQ(first.meshes.size(), second.meshes.size());
  for (std::size_t m = 0; m < first.meshes.size(); ++m) {
    EXPECT_EQ(first.meshes[m].positions, second.meshes[m].positions) << first.meshes[m].name;
  }
  ASSERT_EQ(first.textures.size(), second.textures.size());
  for (std::size_t t = 0; t < first.textures.size(); ++t) {
    EXPECT_EQ(first.textures[t].pixels, second.textures[t].pixels);
  }
  const auto iris_of = [](const Rig& rig) {
    const Material& material = rig.materials[static_cast<std::size_t>(mesh_named(rig, "iris_left").material)];
    return rig.textures[static_cast<std::size_t>(material.texture)].pixels;
  };
  EXPECT_NE(iris_of(first), iris_of(other));
}

TEST(GeneratedFace, ManySeedsMakeSoundRigs) {
  for (std::uint64_t seed = 100; seed < 110; ++seed)
    EXPECT_NO_THROW(check_rig(generate_rig(seed), "rig")) << seed;
}

}  // namespace
}  // namespace tha4::generator
