#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "character_design.h"
#include "hair.h"
#include "rig_builder.h"
#include "skeleton.h"
#include <gtest/gtest.h>

#include "tha4/rig/rig.h"

// Hair is painted on layers that do not reach as far as the picture: what is beyond is cut off straight.

namespace tha4::generator {
namespace {

constexpr int kPictureHeight = 512;
constexpr int kUnseen = 2;  // of 255: the soft rim of a shadow

Rig hair_of(const CharacterDesign& design) {
  RigBuilder builder;
  add_skeleton(builder);
  add_back_hair(builder, design);
  add_front_hair(builder, design);
  return std::move(builder).build("hair");
}

const RgbaImage& picture_of(const Rig& rig, const Mesh& mesh) {
  return rig.textures.at(
      static_cast<std::size_t>(rig.materials.at(static_cast<std::size_t>(mesh.material)).texture));
}

/// How opaque the layer is along its border, at most; below the picture, nobody sees it.
int border_alpha(const Rig& rig, const Mesh& mesh) {
  const RgbaImage& picture = picture_of(rig, mesh);
  float lowest = 0;
  for (const glm::vec3 position : mesh.positions) lowest = std::max(lowest, position.y);
  int alpha = 0;
  const auto look = [&](int x, int y) {
    alpha = std::max<int>(alpha, picture.pixels[(static_cast<std::size_t>(y) * picture.width + x) * 4 + 3]);
  };
  const bool ends_in_picture = lowest < kPictureHeight;
  for (int x = 0; x < picture.width; ++x) {
    look(x, 0);
    if (ends_in_picture) look(x, picture.height - 1);
  }
  for (int y = 0; y < picture.height; ++y) {
    look(0, y);
    look(picture.width - 1, y);
  }
  return alpha;
}

TEST(GeneratedHair, NoStyleIsCutOffByItsLayer) {
  constexpr std::uint64_t kSeeds = 3;
  const auto expect_whole = [](const CharacterDesign& design, const std::string& style) {
    const Rig rig = hair_of(design);
    for (const Mesh& mesh : rig.meshes) {
      EXPECT_LE(border_alpha(rig, mesh), kUnseen) << mesh.name << " of " << style << ", seed " << design.seed;
    }
  };
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    const CharacterDesign design = design_character(seed);
    const auto with = [&](std::string HairDesign::*part, const Kinds<HairStyle>& styles) {
      for (const HairStyle& style : styles.rows) {
        CharacterDesign changed = design;
        changed.hair.*part = style.name;
        expect_whole(changed, std::string(style.name));
      }
    };
    with(&HairDesign::front, front_hair_styles());
    with(&HairDesign::side, side_hair_styles());
    with(&HairDesign::back, back_hair_styles());
  }
}

}  // namespace
}  // namespace tha4::generator
