#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "character_design.h"
#include "face_parts.h"
#include "rig/face_ruler.h"
#include "rig/generated_face.h"

#include "tha4/rig/generator.h"

// Each face parameter does what its name says. A pose is described by measures of brows, lids, irises and the
// mouth, and each parameter has a rule that its own measures fulfil and those of no other parameter do: two
// parameters, or the two sides of one, that were exchanged would break both of their rules.

namespace tha4::generator {
namespace {

const std::vector<std::uint64_t>& expressive_seeds() {
  static const std::vector<std::uint64_t> seeds = seeds_where(6, 1, is_at_rest);
  return seeds;
}

bool is_still(const glm::vec2& way) {
  return glm::length(way) < 0.05F;
}

bool brow_rests(const SideMeasures& side) {
  return std::ranges::all_of(side.brow, [](float way) { return std::abs(way) < 0.05F; }) &&
         std::abs(side.brow_outwards) < 0.05F;
}
bool lids_rest(const SideMeasures& side) {
  return std::abs(side.upper_lid) < 0.05F && std::abs(side.lower_lid) < 0.05F;
}
bool iris_rests(const SideMeasures& side) {
  return is_still(side.iris) && std::abs(side.iris_size - 1) < 0.01F;
}
bool rests(const SideMeasures& side) {
  return brow_rests(side) && lids_rest(side) && iris_rests(side);
}
bool mouth_rests(const FaceMeasures& face) {
  return is_still(face.mouth.corners[0]) && is_still(face.mouth.corners[1]) && face.mouth.height < 0.05F;
}

/// What the name of a parameter with two sides says of its own side.
using SideRule = std::function<bool(const SideMeasures&)>;

/// Rules of the brows: inner third, middle, outer third.
bool moves_as_one(const SideMeasures& side) {
  const auto [min, max] = std::ranges::minmax(side.brow);
  return max - min < 1 && std::abs(side.brow_outwards) < 0.5F;
}

const std::vector<std::pair<std::string, SideRule>>& brow_rules() {
  static const std::vector<std::pair<std::string, SideRule>> rules = {
      // The inner end goes up, or down, and the outer one the other way.
      {"eyebrow_troubled", [](const SideMeasures& s) { return s.brow[0] < -2 && s.brow[2] > 0.5F; }},
      {"eyebrow_angry", [](const SideMeasures& s) { return s.brow[0] > 2 && s.brow[2] < -0.5F; }},
      {"eyebrow_lowered", [](const SideMeasures& s) { return moves_as_one(s) && s.brow[1] > 3; }},
      {"eyebrow_raised", [](const SideMeasures& s) { return moves_as_one(s) && s.brow[1] < -3; }},
      // A higher arch.
      {"eyebrow_happy",
       [](const SideMeasures& s) {
         return s.brow[1] < -2 && s.brow[0] - s.brow[1] > 1.5F && s.brow[2] - s.brow[1] > 1.5F;
       }},
      // Low over the eye and drawn to the other one.
      {"eyebrow_serious",
       [](const SideMeasures& s) { return std::ranges::min(s.brow) > 2 && s.brow_outwards < -1; }},
  };
  return rules;
}

const std::vector<std::pair<std::string, SideRule>>& lid_rules() {
  static const std::vector<std::pair<std::string, SideRule>> rules = {
      // Shut, in an arc that hangs, or that stands.
      {"eye_wink", [](const SideMeasures& s) { return s.opening < 0.02F && s.lid_hang > 2; }},
      {"eye_happy_wink", [](const SideMeasures& s) { return s.opening < 0.02F && s.lid_hang < -5; }},
      // Wider open, with a smaller iris.
      {"eye_surprised",
       [](const SideMeasures& s) {
         return s.opening > 1.03F && s.upper_lid < -0.5F && s.lower_lid > 0.2F && s.iris_size < 0.95F;
       }},
      // Half shut by the upper lid alone; or by both, the upper one a straight line.
      {"eye_relaxed",
       [](const SideMeasures& s) {
         return s.opening > 0.3F && s.opening < 0.85F && s.upper_lid > 1 && std::abs(s.lower_lid) < 0.2F;
       }},
      {"eye_unimpressed",
       [](const SideMeasures& s) {
         return s.opening > 0.3F && s.opening < 0.95F && s.upper_lid > 0.5F && s.lower_lid < -0.3F &&
                s.lid_arch < 0.4F;
       }},
      {"eye_raised_lower_eyelid",
       [](const SideMeasures& s) {
         return s.opening > 0.2F && s.opening < 0.9F && std::abs(s.upper_lid) < 0.2F && s.lower_lid < -1.5F;
       }},
  };
  return rules;
}

const std::vector<std::pair<std::string, SideRule>>& iris_rules() {
  static const std::vector<std::pair<std::string, SideRule>> rules = {
      {"iris_small",
       [](const SideMeasures& s) { return s.iris_size > 0.3F && s.iris_size < 0.8F && is_still(s.iris); }},
  };
  return rules;
}

bool both_look(const FaceMeasures& face, glm::vec2 way) {
  return std::ranges::all_of(face.sides, [&](const SideMeasures& side) {
    return brow_rests(side) && lids_rest(side) && glm::dot(side.iris, way) > 3 &&
           std::abs(side.iris.x * way.y - side.iris.y * way.x) < 0.3F;
  });
}

/// A corner of the mouth goes as told and the other one stays.
bool one_corner_goes(const FaceMeasures& face, Side side, float min, float max) {
  const std::size_t own = side == Side::left ? 0 : 1;
  const float down = face.mouth.corners[own].y;
  return down > min && down < max && is_still(face.mouth.corners[1 - own]) && face.mouth.height < 0.5F;
}

/// What the shape of the mouth in \p face says, beside those of the other vowels.
bool has_shape_of(const std::string& vowel, const MouthMeasures& mouth, float width_at_rest) {
  const float height = mouth.height / mouth.opening;
  const float width = mouth.width / mouth.opening;
  if (height < 3) return false;
  const float aspect = height / width;
  const bool is_wide = mouth.width > 0.9F * width_at_rest;
  const bool is_triangle = mouth.rise > 2.5F * mouth.fall;
  if (vowel == "mouth_delta") return is_triangle;
  if (is_triangle) return false;
  if (vowel == "mouth_aaa") return height > 12 && aspect < 0.85F;
  if (vowel == "mouth_iii") return aspect < 0.33F && is_wide;
  if (vowel == "mouth_uuu") return width < 13 && height < 8;
  if (vowel == "mouth_eee") return aspect > 0.33F && height < 12 && is_wide && width > 16;
  return aspect > 0.75F && height > 9 && width < 17;  // mouth_ooo
}

/// Whether \p face is what the name of a face parameter says.
bool acts_as(const PoseParameter& parameter, const FaceMeasures& face) {
  const std::string group(parameter.group);
  const Side side = parameter.name.ends_with("_right") ? Side::right : Side::left;
  const std::size_t own = side == Side::left ? 0 : 1;
  for (const auto& [rules, others_rest] :
       {std::pair<const std::vector<std::pair<std::string, SideRule>>&, SideRule>{
            brow_rules(), [](const SideMeasures& s) { return lids_rest(s) && iris_rests(s); }},
        {lid_rules(), [](const SideMeasures& s) { return brow_rests(s) && is_still(s.iris); }},
        {iris_rules(), [](const SideMeasures& s) { return brow_rests(s) && lids_rest(s); }}}) {
    for (const auto& [name, rule] : rules) {
      if (name != group) continue;
      return rule(face.sides[own]) && others_rest(face.sides[own]) && rests(face.sides[1 - own]) &&
             mouth_rests(face);
    }
  }
  if (group == "iris_rotation_x") return mouth_rests(face) && both_look(face, {0, -1});
  if (group == "iris_rotation_y") return mouth_rests(face) && both_look(face, {-1, 0});
  if (!rests(face.sides[0]) || !rests(face.sides[1])) return false;
  if (group == "mouth_lowered_corner") return one_corner_goes(face, side, 2, 8);
  if (group == "mouth_raised_corner") return one_corner_goes(face, side, -8, -2);
  if (group == "mouth_smirk") {
    const auto& corners = face.mouth.corners;
    return std::abs(corners[0].y - corners[1].y) > 2 && !is_still(corners[0]) && !is_still(corners[1]) &&
           face.mouth.height < 0.5F;
  }
  return has_shape_of(group, face.mouth, face.mouth_width_at_rest);
}

TEST(GeneratedExpressions, EachParameterActsAsItsNameSaysAndAsNoOtherName) {
  for (const std::uint64_t seed : expressive_seeds()) {
    const FaceRuler ruler(seed);
    for (const PoseParameter& moved : face_parameters()) {
      const FaceMeasures face = ruler.measure(pose_of(moved.name, 1));
      for (const PoseParameter& parameter : face_parameters()) {
        EXPECT_EQ(acts_as(parameter, face), parameter.name == moved.name)
            << "pose " << moved.name << ", rule " << parameter.name << ", seed " << seed;
      }
    }
  }
}

TEST(GeneratedExpressions, MouthShapesAreOrderedByHeightAndWidth) {
  for (const std::uint64_t seed : expressive_seeds()) {
    const FaceRuler ruler(seed);
    const auto mouth = [&](const char* name) { return ruler.measure(pose_of(name, 1)).mouth; };
    for (const char* other : {"mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta"})
      EXPECT_GT(mouth("mouth_aaa").height, 1.1F * mouth(other).height) << other << " of " << seed;
    for (const char* other : {"mouth_aaa", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta"})
      EXPECT_GT(mouth("mouth_iii").width, 1.05F * mouth(other).width) << other << " of " << seed;
    for (const char* other : {"mouth_aaa", "mouth_iii", "mouth_eee", "mouth_ooo", "mouth_delta"})
      EXPECT_LT(1.1F * mouth("mouth_uuu").width, mouth(other).width) << other << " of " << seed;
    EXPECT_LT(1.2F * mouth("mouth_iii").height, mouth("mouth_eee").height) << seed;
  }
}

TEST(GeneratedExpressions, MouthsThatAreOpenInThePictureCloseAndReachTheSameVowels) {
  for (const std::string kind : {"slightly_open", "open_smile", "laugh", "shout", "teeth", "small_o"}) {
    const std::vector<std::uint64_t> seeds = seeds_where(2, 1, [&](const CharacterDesign& design) {
      return is_straight(design) && design.face.rest_mouth == kind;
    });
    for (const std::uint64_t seed : seeds) {
      const FaceRuler ruler(seed);
      EXPECT_GT(ruler.measure(Pose{}, PictureMorphs::shown).mouth.height, 2) << kind << " of " << seed;
      const FaceMeasures rest = ruler.measure(Pose{});
      EXPECT_LT(rest.mouth.height, 0.5F) << kind << " of " << seed;
      const auto mouth = [&](const char* name, float value) {
        return ruler.measure(pose_of(name, value)).mouth;
      };
      float before = rest.mouth.height;
      for (const float value : {0.5F, 1.0F}) {
        EXPECT_GT(mouth("mouth_aaa", value).height, before + 2) << kind << " of " << seed;
        before = mouth("mouth_aaa", value).height;
      }
      for (const char* vowel :
           {"mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta"}) {
        EXPECT_TRUE(has_shape_of(vowel, mouth(vowel, 1), rest.mouth_width_at_rest))
            << vowel << " of " << seed;
      }
      for (const auto& [corner, down] :
           {std::pair{"mouth_raised_corner_left", -1.0F}, {"mouth_lowered_corner_left", 1.0F}}) {
        const MouthMeasures moved = mouth(corner, 1);
        EXPECT_GT(down * moved.corners[0].y, 2) << kind << " of " << seed;
        EXPECT_NEAR(moved.height, rest.mouth.height, 0.5F) << kind << " of " << seed;
      }
    }
  }
}

/// The words in the names of the meshes that parameters of a category may move.
std::vector<std::string> movable_parts(PoseCategory category) {
  switch (category) {
    case PoseCategory::eyebrow:
      return {"brow"};
    case PoseCategory::eye:
      return {"skin", "lash", "lid", "iris", "highlight"};
    case PoseCategory::iris_morph:
    case PoseCategory::iris_rotation:
      return {"iris", "highlight"};
    default:
      return {"mouth", "lip", "teeth", "tongue", "fang", "skin"};
  }
}

TEST(GeneratedExpressions, ParametersMoveNothingButTheirPartsOnTheirSide) {
  for (const std::uint64_t seed : expressive_seeds()) {
    const Rig rig = generate_rig(seed);
    for (const PoseParameter& parameter : face_parameters()) {
      const bool has_side = parameter.name != parameter.group && parameter.category != PoseCategory::mouth;
      const std::string other_side = parameter.name.ends_with("_left") ? "_right" : "_left";
      const std::vector<std::string> parts = movable_parts(parameter.category);
      for (const float value : ends_of(parameter)) {
        const auto posed = pose_rig(rig, pose_of(parameter.name, value));
        for (std::size_t m = 0; m < posed.size(); ++m) {
          if (posed[m].positions == rig.meshes[m].positions) continue;
          const std::string& name = rig.meshes[m].name;
          EXPECT_TRUE(std::ranges::any_of(
              parts, [&](const std::string& part) { return name.find(part) != std::string::npos; }))
              << parameter.name << " moves " << name << " of " << seed;
          EXPECT_FALSE(has_side && name.ends_with(other_side)) << parameter.name << " moves " << name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tha4::generator
