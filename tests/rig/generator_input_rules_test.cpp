#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "body.h"
#include "character_design.h"
#include <gtest/gtest.h>

#include "tha4/render/rig_renderer.h"
#include "tha4/rig/generator.h"

// Rest images obey the rules of the method's input (docs/files.md, "Rest image"): transparent around the
// character, the head roughly inside the 128x128 box about (256, 128). Most have the arms down.

namespace tha4::generator {
namespace {

constexpr std::uint64_t kRuledSeeds = 50;

/// "Roughly": the face crop of the student, as large as the box, lies 16 pixels lower, so that half of that
/// is what a head may be shifted or exceed the box without leaving what the networks look at.
constexpr float kRoughly = 8;

struct Bounds {
  glm::vec2 min{1e6F};
  glm::vec2 max{-1e6F};
};

/// Of the head, hair aside: the skin's mesh.
Bounds head_bounds(const Rig& rig) {
  Bounds bounds;
  for (const Mesh& mesh : rig.meshes) {
    if (mesh.name != "skin") continue;
    for (const glm::vec3& position : mesh.positions) {
      bounds.min = glm::min(bounds.min, glm::vec2(position));
      bounds.max = glm::max(bounds.max, glm::vec2(position));
    }
  }
  return bounds;
}

int alpha_of(const RgbaImage& image, int x, int y) {
  return image.pixels[(static_cast<std::size_t>(y) * image.width + static_cast<std::size_t>(x)) * 4 + 3];
}

/// The pictures are drawn at half of the size, which is quicker.
constexpr int kScale = 2;

/// The largest alpha within a rectangle of the rest image.
int max_alpha(const RgbaImage& image, int left, int top, int right, int bottom) {
  int max = 0;
  for (int y = top / kScale; y < bottom / kScale; ++y) {
    for (int x = left / kScale; x < right / kScale; ++x) max = std::max(max, alpha_of(image, x, y));
  }
  return max;
}

/// One mesh of \p rig, with its picture.
Rig only(const Rig& rig, std::string_view mesh_name) {
  const auto mesh = std::ranges::find(rig.meshes, mesh_name, &Mesh::name);
  Rig part;
  part.name = rig.name;
  part.bones = rig.bones;
  part.meshes = {*mesh};
  part.materials = {rig.materials[static_cast<std::size_t>(mesh->material)]};
  part.textures = {rig.textures[static_cast<std::size_t>(part.materials[0].texture)]};
  part.meshes[0].material = 0;
  part.materials[0].texture = 0;
  return part;
}

class GeneratedRestImages : public testing::Test {
 protected:
  /// The rest image of \p rig, by one renderer for all.
  RgbaImage drawn(Rig rig) {
    if (renderer_) {
      renderer_->replace_rig(std::move(rig));
    } else {
      renderer_.emplace(std::move(rig));
    }
    return draw_rig(*renderer_, Pose{}, kImageSize / kScale);
  }

 private:
  std::optional<RigRenderer> renderer_;
};

TEST_F(GeneratedRestImages, ObeyTheRulesOfTheInput) {
  for (std::uint64_t seed = 0; seed < kRuledSeeds; ++seed) {
    const Rig rig = generate_rig(seed);
    EXPECT_NO_THROW(check_rig(rig, "seed " + std::to_string(seed)));

    const Bounds head = head_bounds(rig);
    EXPECT_GE(head.min.x, 192 - kRoughly) << "seed " << seed;
    EXPECT_LE(head.max.x, 320 + kRoughly) << "seed " << seed;
    EXPECT_GE(head.min.y, 64 - kRoughly) << "seed " << seed;
    EXPECT_LE(head.max.y, 192 + kRoughly) << "seed " << seed;
    EXPECT_LT(glm::distance((head.min + head.max) / 2.0F, glm::vec2(256, 128)), kRoughly) << seed;
    EXPECT_GT(head.max.y - head.min.y, 128 - 2 * kRoughly) << "too small; seed " << seed;
    EXPECT_GT(head.max.x - head.min.x, 128 - 4 * kRoughly) << "too narrow; seed " << seed;

    const RgbaImage body = drawn(only(rig, "body"));
    const RgbaImage image = drawn(rig);
    EXPECT_EQ(max_alpha(image, 0, 0, 512, 2), 0) << "top edge; seed " << seed;
    EXPECT_EQ(max_alpha(image, 0, 0, 2, 512), 0) << "left edge; seed " << seed;
    EXPECT_EQ(max_alpha(image, 510, 0, 512, 512), 0) << "right edge; seed " << seed;
    EXPECT_EQ(alpha_of(image, 256 / kScale, 128 / kScale), 255) << "no head; seed " << seed;
    EXPECT_EQ(alpha_of(image, 256 / kScale, 300 / kScale), 255) << "no body; seed " << seed;

    // Hands hang at the sides, below where elbows are, or are raised before the body or beside the head; no
    // arm is lifted from the shoulder or spread.
    const BodyShape shape(design_character(seed).body);
    EXPECT_EQ(max_alpha(body, 256 - 120, 412, 256 - 68, 440), shape.is_raised(-1) ? 0 : 255)
        << "right hand; seed " << seed;
    EXPECT_EQ(max_alpha(body, 256 + 68, 412, 256 + 120, 440), shape.is_raised(1) ? 0 : 255)
        << "left hand; seed " << seed;
    if (shape.is_raised(-1) || shape.is_raised(1)) {
      const RgbaImage arms = drawn(only(rig, "raised arms"));
      EXPECT_EQ(max_alpha(arms, 256 - 112, 150, 256 + 112, 300), 255) << "raised hand; seed " << seed;
      EXPECT_EQ(max_alpha(arms, 0, 352, 512, 512), 0) << "below the elbows; seed " << seed;
    }
    EXPECT_EQ(max_alpha(body, 0, 0, 256 - 40, 215), 0) << "above the right shoulder; seed " << seed;
    EXPECT_EQ(max_alpha(body, 256 + 40, 0, 512, 215), 0) << "above the left shoulder; seed " << seed;
    EXPECT_EQ(max_alpha(body, 0, 0, 256 - 120, 512), 0) << "right of the right arm; seed " << seed;
    EXPECT_EQ(max_alpha(body, 256 + 120, 0, 512, 512), 0) << "left of the left arm; seed " << seed;
  }
}

}  // namespace
}  // namespace tha4::generator
