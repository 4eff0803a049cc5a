#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "character_design.h"
#include "eye_shape.h"
#include "face_parts.h"
#include <glm/geometric.hpp>
#include <gtest/gtest.h>

#include "tha4/render/generator.h"
#include "tha4/render/rig.h"
#include "tha4/render/rig_renderer.h"

namespace tha4::test {
namespace {

constexpr std::array<std::uint64_t, 4> kSeeds = {1, 4, 7, 29};

Pose pose_of(std::string_view name, float value) {
  Pose pose{};
  pose[static_cast<std::size_t>(pose_parameter_index(name))] = value;
  return pose;
}

struct Box {
  float left;
  float top;
  float right;
  float bottom;
  [[nodiscard]] bool contains(glm::vec2 point) const {
    return point.x >= left && point.x <= right && point.y >= top && point.y <= bottom;
  }
};

/// Where in the picture a face parameter may change something.
Box reach_of(const PoseParameter& parameter) {
  const std::string name(parameter.name);
  Box box{192, 80, 320, 208};
  switch (parameter.category) {
    case PoseCategory::eyebrow:
      box.bottom = 134;
      break;
    case PoseCategory::eye:
    case PoseCategory::iris_morph:
    case PoseCategory::iris_rotation:
      box.bottom = 168;
      break;
    default:
      box.top = 164;
  }
  const bool is_of_a_corner = name.starts_with("mouth");
  if (!is_of_a_corner && name.ends_with("_left")) box.left = 256;
  if (!is_of_a_corner && name.ends_with("_right")) box.right = 256;
  return box;
}

std::vector<PoseParameter> face_parameters() {
  const auto all = pose_parameters();
  return {all.begin(), all.begin() + kFacePoseSize};
}

const Mesh& mesh_named(const Rig& rig, const std::string& name) {
  const auto mesh = std::ranges::find(rig.meshes, name, &Mesh::name);
  EXPECT_NE(mesh, rig.meshes.end()) << name;
  return *mesh;
}

const PosedMesh& posed_named(const Rig& rig, const std::vector<PosedMesh>& posed, const std::string& name) {
  return posed[static_cast<std::size_t>(&mesh_named(rig, name) - rig.meshes.data())];
}

float total_motion(const Rig& rig, const Pose& pose) {
  const auto posed = pose_rig(rig, pose);
  float sum = 0;
  for (std::size_t m = 0; m < posed.size(); ++m) {
    for (std::size_t v = 0; v < posed[m].positions.size(); ++v) {
      sum += glm::length(posed[m].positions[v] - rig.meshes[m].positions[v]);
    }
  }
  return sum;
}

TEST(GeneratedFace, EachParameterMovesItsPartOfTheFaceAndNothingElse) {
  for (const std::uint64_t seed : kSeeds) {
    const Rig rig = generate_rig(seed);
    for (const PoseParameter& parameter : face_parameters()) {
      const Box reach = reach_of(parameter);
      for (const float value : {parameter.least, parameter.most}) {
        if (value == 0) continue;
        const auto posed = pose_rig(rig, pose_of(parameter.name, value));
        float most = 0;
        for (std::size_t m = 0; m < posed.size(); ++m) {
          for (std::size_t v = 0; v < posed[m].positions.size(); ++v) {
            const glm::vec3 from = rig.meshes[m].positions[v];
            const glm::vec3 to = posed[m].positions[v];
            const float way = glm::length(to - from);
            most = std::max(most, way);
            if (way < 0.01F) continue;
            EXPECT_TRUE(reach.contains(from) && reach.contains(to))
                << parameter.name << " = " << value << " moves " << rig.meshes[m].name << " at " << from.x
                << ", " << from.y << " of seed " << seed;
          }
        }
        EXPECT_GT(most, 1.5F) << parameter.name << " = " << value << " of seed " << seed;
      }
    }
  }
}

TEST(GeneratedFace, EachParameterActsMoreTheGreaterItsValue) {
  const Rig rig = generate_rig(kSeeds[0]);
  for (const PoseParameter& parameter : face_parameters()) {
    float before = 0;
    for (const float value : {0.25F, 0.5F, 0.75F, 1.0F}) {
      const float motion = total_motion(rig, pose_of(parameter.name, value));
      EXPECT_GT(motion, before * 1.05F) << parameter.name << " = " << value;
      before = motion;
    }
  }
}

TEST(GeneratedFace, EachParameterChangesPixelsThereAndNowhereElse) {
  RigRenderer renderer(generate_rig(kSeeds[0]));
  const RgbaImage at_rest = draw_rig(renderer, Pose{});
  for (const PoseParameter& parameter : face_parameters()) {
    const RgbaImage moved = draw_rig(renderer, pose_of(parameter.name, 1));
    const Box reach = reach_of(parameter);
    int inside = 0;
    int outside = 0;
    for (int y = 0; y < moved.height; ++y) {
      for (int x = 0; x < moved.width; ++x) {
        const std::size_t at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(moved.width) +
                                static_cast<std::size_t>(x)) *
                               4;
        int difference = 0;
        for (std::size_t c = 0; c < 4; ++c) {
          difference = std::max(difference, std::abs(moved.pixels[at + c] - at_rest.pixels[at + c]));
        }
        if (difference < 8) continue;
        const glm::vec2 middle(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F);
        ++(reach.contains(middle) ? inside : outside);
      }
    }
    EXPECT_GT(inside, 10) << parameter.name;
    EXPECT_EQ(outside, 0) << parameter.name;
  }
}

TEST(GeneratedFace, LeftAndRightMirrorEachOther) {
  for (const std::uint64_t seed : kSeeds) {
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

TEST(GeneratedFace, MouthCornersMirrorEachOther) {
  const Rig rig = generate_rig(kSeeds[1]);
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

/// The skin's vertices at the points of one side's lids.
struct LidVertices {
  std::vector<std::size_t> upper;
  std::vector<std::size_t> lower;
};

LidVertices lid_vertices(const Mesh& skin, const EyeShape& eye, Side side) {
  const auto vertex_at = [&](glm::vec2 point) {
    if (side == Side::right) point.x = 512 - point.x;
    std::size_t nearest = 0;
    for (std::size_t v = 0; v < skin.positions.size(); ++v) {
      if (glm::length(glm::vec2(skin.positions[v]) - point) <
          glm::length(glm::vec2(skin.positions[nearest]) - point)) {
        nearest = v;
      }
    }
    EXPECT_NEAR(glm::length(glm::vec2(skin.positions[nearest]) - point), 0, 1e-3F);
    return nearest;
  };
  LidVertices vertices;
  const Lids at_rest = lids(eye, LidState::rest);
  for (const glm::vec2& point : at_rest.upper) vertices.upper.push_back(vertex_at(point));
  for (const glm::vec2& point : at_rest.lower) vertices.lower.push_back(vertex_at(point));
  return vertices;
}

/// The widest and the narrowest opening that the skin leaves between the lids.
std::pair<float, float> opening(const std::vector<glm::vec3>& skin, const LidVertices& vertices) {
  float widest = -1e9F;
  float narrowest = 1e9F;
  for (std::size_t i = 0; i < vertices.upper.size(); ++i) {
    const float gap = skin[vertices.lower[i]].y - skin[vertices.upper[i]].y;
    widest = std::max(widest, gap);
    narrowest = std::min(narrowest, gap);
  }
  return {widest, narrowest};
}

constexpr std::array<const char*, 6> kLidParameters = {"eye_wink_",        "eye_happy_wink_",
                                                       "eye_surprised_",   "eye_relaxed_",
                                                       "eye_unimpressed_", "eye_raised_lower_eyelid_"};

TEST(GeneratedFace, LidsNeverCrossHoweverParametersAreCombined) {
  for (const std::uint64_t seed : kSeeds) {
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
  for (const std::uint64_t seed : kSeeds) {
    const Rig rig = generate_rig(seed);
    const EyeShape eye = face_layout(design_character(seed).face).eye;
    for (const Side side : kSides) {
      const LidVertices vertices = lid_vertices(mesh_named(rig, "skin"), eye, side);
      EXPECT_GT(opening(mesh_named(rig, "skin").positions, vertices).first, 15);
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
  const Rig rig = generate_rig(kSeeds[2]);
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
  const Rig rig = generate_rig(kSeeds[0]);
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
}  // namespace tha4::test
