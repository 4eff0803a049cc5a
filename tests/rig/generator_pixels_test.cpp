#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "rig/generated_face.h"

#include "tha4/render/rig_renderer.h"
#include "tha4/rig/generator.h"

namespace tha4::generator {
namespace {

/// Straight faces in no light that comes from a side.
const std::vector<std::uint64_t>& drawn_seeds() {
  static const std::vector<std::uint64_t> seeds = seeds_where(2, 1, [](const CharacterDesign& design) {
    return is_at_rest(design) && design.style.painting.strength == 0;
  });
  return seeds;
}
constexpr int kVisible = 8;  ///< of 255

/// The largest difference of a channel of two pixels of pictures of one size.
int difference(const RgbaImage& a, int ax, const RgbaImage& b, int bx, int y) {
  const auto pixel = [y](const RgbaImage& image, int x) {
    return &image.pixels[(static_cast<std::size_t>(y) * image.width + static_cast<std::size_t>(x)) * 4];
  };
  int max = 0;
  for (int c = 0; c < 4; ++c) max = std::max(max, std::abs(pixel(a, ax)[c] - pixel(b, bx)[c]));
  return max;
}

/// Whether a pixel's channels lie between those of the pixels around one of another picture: where an edge
/// may run through it at another place within the pixel.
bool is_among(const RgbaImage& a, int ax, const RgbaImage& b, int bx, int y) {
  const auto channel = [](const RgbaImage& image, int x, int row, int c) {
    const std::size_t pixel = static_cast<std::size_t>(row) * image.width + static_cast<std::size_t>(x);
    return static_cast<int>(image.pixels[pixel * 4 + static_cast<std::size_t>(c)]);
  };
  for (int c = 0; c < 4; ++c) {
    int min = 255, max = 0;
    for (int down = -1; down <= 1; ++down) {
      for (int right = -1; right <= 1; ++right) {
        const int value = channel(b, bx + right, y + down, c);
        min = std::min(min, value);
        max = std::max(max, value);
      }
    }
    const int value = channel(a, ax, y, c);
    if (value < min - kVisible || value > max + kVisible) return false;
  }
  return true;
}

/// The pixels that triangles with a moved vertex may cover, before or after, and those around them.
class Touched {
 public:
  Touched(const Rig& rig, const Pose& pose) : pixels_(std::size_t{kImageSize} * kImageSize) {
    const auto posed = pose_rig(rig, pose);
    for (std::size_t m = 0; m < posed.size(); ++m) {
      const auto& from = rig.meshes[m].positions;
      const auto& to = posed[m].positions;
      const auto& triangles = rig.meshes[m].triangles;
      for (std::size_t i = 0; i + 2 < triangles.size(); i += 3) {
        const std::array<std::uint32_t, 3> corners = {triangles[i], triangles[i + 1], triangles[i + 2]};
        const bool moves = std::ranges::any_of(
            corners, [&](std::uint32_t v) { return glm::distance(from[v], to[v]) > 0.01F; });
        if (!moves) continue;
        add(from, corners);
        add(to, corners);
      }
    }
  }

  [[nodiscard]] bool at(int x, int y) const {
    return pixels_[static_cast<std::size_t>(y) * kImageSize + static_cast<std::size_t>(x)];
  }

 private:
  void add(const std::vector<glm::vec3>& positions, const std::array<std::uint32_t, 3>& corners) {
    glm::vec2 min(1e6F);
    glm::vec2 max(-1e6F);
    for (const std::uint32_t v : corners) {
      min = glm::min(min, glm::vec2(positions[v]));
      max = glm::max(max, glm::vec2(positions[v]));
    }
    const auto limited = [](float value) {
      return static_cast<int>(std::clamp(value, 0.0F, static_cast<float>(kImageSize)));
    };
    for (int y = limited(min.y - 1); y < limited(max.y + 2); ++y) {
      for (int x = limited(min.x - 1); x < limited(max.x + 2); ++x) {
        pixels_[static_cast<std::size_t>(y) * kImageSize + static_cast<std::size_t>(x)] = true;
      }
    }
  }

  std::vector<bool> pixels_;
};

TEST(GeneratedPixels, EachParameterChangesPixelsWhereItMovesSomethingAndNowhereElse) {
  for (const std::uint64_t seed : drawn_seeds()) {
    RigRenderer renderer(generate_rig(seed));
    const RgbaImage at_rest = draw_rig(renderer, Pose{});
    for (const PoseParameter& parameter : pose_parameters()) {
      const bool is_of_face = pose_parameter_index(parameter.name) < kFacePoseSize;
      const Box reach = is_of_face ? reach_of(parameter) : Box{0, 0, kImageSize, kImageSize};
      for (const float value : ends_of(parameter)) {
        const Pose pose = pose_of(parameter.name, value);
        const RgbaImage moved = draw_rig(renderer, pose);
        const Touched touched(renderer.rig(), pose);
        int inside = 0;
        int outside = 0;
        for (int y = 0; y < kImageSize; ++y) {
          for (int x = 0; x < kImageSize; ++x) {
            if (difference(moved, x, at_rest, x, y) < kVisible) continue;
            const glm::vec2 middle(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F);
            ++(reach.contains(middle) && touched.at(x, y) ? inside : outside);
          }
        }
        EXPECT_GT(inside, is_of_face ? 10 : 2000) << parameter.name << " = " << value << " of " << seed;
        EXPECT_EQ(outside, 0) << parameter.name << " = " << value << " of " << seed;
      }
    }
  }
}

/// The parts of a face that are painted the same on both sides. The hair is parted somewhere, and the light
/// in the eyes comes from one side.
Rig symmetric_face(std::uint64_t seed) {
  Rig rig = generate_rig(seed);
  std::erase_if(rig.meshes, [](const Mesh& mesh) {
    for (const char* part : {"skin", "eye_white", "lid_shadow", "lash", "lid_crease", "brow", "mouth_inside",
                             "tongue", "teeth", "lip"}) {
      if (mesh.name.find(part) != std::string::npos) return false;
    }
    return true;
  });
  return rig;
}

TEST(GeneratedPixels, LeftParametersDrawTheMirrorImageOfRightOnes) {
  for (const std::uint64_t seed : drawn_seeds()) {
    RigRenderer renderer(symmetric_face(seed));
    const RgbaImage at_rest = draw_rig(renderer, Pose{});
    for (const PoseParameter& parameter : face_parameters()) {
      if (!parameter.name.ends_with("_left") || parameter.group == "iris_small") continue;
      const RgbaImage left = draw_rig(renderer, pose_of(parameter.name, 1));
      const RgbaImage right = draw_rig(renderer, pose_of(std::string(parameter.group) + "_right", 1));
      int changed = 0;
      int differing = 0;
      for (int y = 88; y < 200; ++y) {
        for (int x = 200; x < 312; ++x) {
          if (difference(left, x, at_rest, x, y) >= kVisible) ++changed;
          const int mirror = kImageSize - 1 - x;
          const bool is_symmetric = difference(at_rest, x, at_rest, mirror, y) < kVisible;
          // The samples of a pixel do not lie as their mirror images do.
          if (is_symmetric && !is_among(left, x, right, mirror, y)) ++differing;
        }
      }
      EXPECT_GT(changed, 10) << parameter.name << " of " << seed;
      EXPECT_LE(differing, changed / 20) << parameter.name << " of " << seed;
    }
  }
}

}  // namespace
}  // namespace tha4::generator
