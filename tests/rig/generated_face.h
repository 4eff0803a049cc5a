#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "character_design.h"
#include "eye_shape.h"
#include "face_side.h"
#include "rig/pose_of.h"
#include <glm/geometric.hpp>
#include <gtest/gtest.h>

#include "tha4/rig/rig.h"

// What the tests of generated faces fraction: their meshes by name, and where their lids are.

namespace tha4::generator {

using test::pose_of;

/// The first \p count seeds from \p first on whose characters are as \p wanted.
inline std::vector<std::uint64_t> seeds_where(std::size_t count, std::uint64_t first,
                                              const std::function<bool(const CharacterDesign&)>& wanted) {
  std::vector<std::uint64_t> seeds;
  for (std::uint64_t seed = first; seeds.size() < count; ++seed) {
    if (wanted(design_character(seed))) seeds.push_back(seed);
    if (seed > first + 5000) throw std::runtime_error("there are no such characters");
  }
  return seeds;
}

/// Whether the face is straight at rest, and its sides mirror each other.
inline bool is_straight(const CharacterDesign& design) {
  const PostureDesign& posture = design.posture;
  return design.face.brow_skew == 0 && design.face.mouth_shift == 0 && posture.up == 0 && posture.turn == 0 &&
         posture.tilt == 0;
}

/// The same with a closed mouth: what expressions are measured from.
inline bool is_at_rest(const CharacterDesign& design) {
  return is_straight(design) && design.face.rest_mouth == "closed";
}

inline const Mesh& mesh_named(const Rig& rig, std::string_view name) {
  const auto mesh = std::ranges::find(rig.meshes, name, &Mesh::name);
  EXPECT_NE(mesh, rig.meshes.end()) << name;
  return *mesh;
}

inline const PosedMesh& posed_named(const Rig& rig, const std::vector<PosedMesh>& posed,
                                    std::string_view name) {
  return posed[static_cast<std::size_t>(&mesh_named(rig, name) - rig.meshes.data())];
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
inline Box reach_of(const PoseParameter& parameter) {
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

inline std::vector<PoseParameter> face_parameters() {
  const auto all = pose_parameters();
  return {all.begin(), all.begin() + kFacePoseSize};
}

/// The ends of a parameter's range, 0 aside.
inline std::vector<float> ends_of(const PoseParameter& parameter) {
  if (parameter.min < 0) return {parameter.min, parameter.max};
  return {parameter.max};
}

/// The way of all vertices together.
inline float total_motion(const Rig& rig, const Pose& pose) {
  const auto posed = pose_rig(rig, pose);
  float sum = 0;
  for (std::size_t m = 0; m < posed.size(); ++m) {
    for (std::size_t v = 0; v < posed[m].positions.size(); ++v) {
      sum += glm::length(posed[m].positions[v] - rig.meshes[m].positions[v]);
    }
  }
  return sum;
}

/// The skin's vertices at the points of one side's lids.
struct LidVertices {
  std::vector<std::size_t> upper;
  std::vector<std::size_t> lower;
};

inline LidVertices lid_vertices(const Mesh& skin, const EyeShape& eye, Side side) {
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
inline std::pair<float, float> opening(const std::vector<glm::vec3>& skin, const LidVertices& vertices) {
  float widest = -1e9F;
  float narrowest = 1e9F;
  for (std::size_t i = 0; i < vertices.upper.size(); ++i) {
    const float gap = skin[vertices.lower[i]].y - skin[vertices.upper[i]].y;
    widest = std::max(widest, gap);
    narrowest = std::min(narrowest, gap);
  }
  return {widest, narrowest};
}

}  // namespace tha4::generator
