#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "character_design.h"
#include "rig/pose_of.h"
#include <gtest/gtest.h>

#include "tha4/render/rig_renderer.h"
#include "tha4/rig/generator.h"
#include "tha4/rig/vrm.h"

namespace tha4::generator {
namespace {

/// The first seed whose character is as \p wanted.
std::uint64_t seed_with(const std::function<bool(const CharacterDesign&)>& wanted) {
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    if (wanted(design_character(seed))) return seed;
  }
  ADD_FAILURE() << "no such character";
  return 0;
}

bool is_worn(const std::string& accessory) {
  return accessory != "none";
}

/// A pose that uses brows, lids, irises, the mouth and the whole skeleton.
Pose lively_pose() {
  Pose pose{};
  for (const auto& [name, value] : {std::pair{"eyebrow_angry_left", 0.7F},
                                    {"eye_wink_right", 0.6F},
                                    {"iris_small_left", 0.5F},
                                    {"mouth_aaa", 0.8F},
                                    {"mouth_raised_corner_left", 1.0F},
                                    {"iris_rotation_x", -0.7F},
                                    {"head_x", 0.6F},
                                    {"head_y", -0.8F},
                                    {"neck_z", 0.5F},
                                    {"body_y", 0.6F},
                                    {"body_z", -0.4F},
                                    {"breathing", 1.0F}}) {
    pose[static_cast<std::size_t>(pose_parameter_index(name))] = value;
  }
  return pose;
}

TEST(GeneratedExport, CharactersWithAllThatTheyMayWearComeBackTheSame) {
  const std::vector<std::uint64_t> seeds = {
      seed_with([](const CharacterDesign& design) {
        return design.face.has_fang && is_worn(design.accessories.head) && is_worn(design.accessories.hair);
      }),
      seed_with([](const CharacterDesign& design) {
        return is_worn(design.accessories.glasses) && is_worn(design.accessories.neck);
      }),
      seed_with([](const CharacterDesign& design) {
        return design.clothes.kind == "hoodie" && design.hair.back == "twin_tails" &&
               design.face.rest_mouth != "closed";
      })};
  const std::vector<Pose> poses = {Pose{}, lively_pose()};
  FrameContents everything;
  everything.flow = true;
  everything.face = true;
  for (const std::uint64_t seed : seeds) {
    const auto file = std::filesystem::path(testing::TempDir()) / "tha4_generated.vrm";
    const Rig rig = generate_rig(seed);
    write_vrm(rig, file);
    RigRenderer of_rig(rig);
    RigRenderer of_file(read_vrm(file));
    EXPECT_EQ(of_file.rig().name, rig.name);
    EXPECT_EQ(draw_rest_image(of_file).pixels, draw_rest_image(of_rig).pixels) << "seed " << seed;
    const std::vector<RigFrame> expected = of_rig.render(poses, {}, everything);
    const std::vector<RigFrame> found = of_file.render(poses, {}, everything);
    for (std::size_t i = 0; i < poses.size(); ++i) {
      EXPECT_TRUE(found[i].color == expected[i].color) << "pose " << i << " of seed " << seed;
      EXPECT_TRUE(found[i].flow == expected[i].flow) << "pose " << i << " of seed " << seed;
      EXPECT_TRUE(found[i].hidden == expected[i].hidden) << "pose " << i << " of seed " << seed;
      EXPECT_TRUE(found[i].face == expected[i].face) << "pose " << i << " of seed " << seed;
    }
  }
}

}  // namespace
}  // namespace tha4::generator
