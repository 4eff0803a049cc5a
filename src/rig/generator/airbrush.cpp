#include "airbrush.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "seeded_random.h"
#include "tint.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

namespace tha4::generator {
namespace {

/// Edge of the cells that light and shade are calculated for, in pixels of the rest image.
constexpr float kCell = 4;
/// How many cells round edges reach inwards, about.
constexpr int kRoundness = 2;
constexpr int kBlotches = 14;

/// Values for the cells over a canvas.
struct CellField {
  int columns;
  int rows;
  std::vector<float> values;

  [[nodiscard]] float at(int column, int row) const {
    const int x = std::clamp(column, 0, columns - 1);
    const int y = std::clamp(row, 0, rows - 1);
    return values[static_cast<std::size_t>(y * columns + x)];
  }
};

/// One running mean along x or y.
void smooth(CellField& field, int step_x, int step_y) {
  const CellField before = field;
  for (int y = 0; y < field.rows; ++y) {
    for (int x = 0; x < field.columns; ++x) {
      float sum = 0;
      for (int i = -kRoundness; i <= kRoundness; ++i) sum += before.at(x + i * step_x, y + i * step_y);
      field.values[static_cast<std::size_t>(y * field.columns + x)] = sum / (2 * kRoundness + 1);
    }
  }
}

void add_spot(CellField& field, glm::vec2 corner, glm::vec2 cell, const SoftSpot& spot) {
  const glm::ivec2 min(glm::floor((spot.center - spot.radii - corner) / cell));
  const glm::ivec2 max(glm::ceil((spot.center + spot.radii - corner) / cell));
  for (int y = std::max(0, min.y); y < std::min(field.rows, max.y + 1); ++y) {
    for (int x = std::max(0, min.x); x < std::min(field.columns, max.x + 1); ++x) {
      const glm::vec2 point = corner + cell * (glm::vec2(x, y) + 0.5F);
      const glm::vec2 way = (point - spot.center) / spot.radii;
      const float left = std::max(0.0F, 1 - glm::dot(way, way));
      field.values[static_cast<std::size_t>(y * field.columns + x)] += spot.amount * left * left;
    }
  }
}

/// Light where what is painted turns to it, shade where it turns away: paint is taken as a cushion, thin at
/// its edges.
CellField modelled(const CellField& coverage, glm::vec2 light, const Painting& painting) {
  CellField field = coverage;
  for (int pass = 0; pass < 2; ++pass) {
    smooth(field, 1, 0);
    smooth(field, 0, 1);
  }
  CellField result = field;
  for (int y = 0; y < field.rows; ++y) {
    for (int x = 0; x < field.columns; ++x) {
      const glm::vec2 inwards(field.at(x + 1, y) - field.at(x - 1, y),
                              field.at(x, y + 1) - field.at(x, y - 1));
      const float facing = -4 * glm::dot(inwards, light);
      const float hollow = 0.3F * (1 - field.at(x, y));
      result.values[static_cast<std::size_t>(y * field.columns + x)] =
          painting.form * (facing > 0 ? painting.rim * facing : facing) - painting.form * hollow;
    }
  }
  return result;
}

Tint tint_of(float value, const Painting& painting, const Color& shade) {
  Tint tint;
  if (value < 0) {
    const float fraction = std::min(0.8F, -value * painting.strength);
    tint.factor = glm::mix(glm::vec3(1), glm::vec3(shade.r, shade.g, shade.b), fraction);
  } else {
    const float fraction = std::min(0.45F, 0.5F * value * painting.strength);
    tint.factor = glm::vec3(1 - fraction);
    tint.added = fraction * glm::vec3(painting.light.r, painting.light.g, painting.light.b);
  }
  return tint;
}

}  // namespace

Color skin_shade_factor(const CharacterDesign& design) {
  const Color& skin = design.face.skin;
  const Color& shade = design.face.skin_shade;
  const auto ratio = [](float dark, float light) { return std::min(1.0F, dark / std::max(light, 0.05F)); };
  const Color warm{ratio(shade.r, skin.r), ratio(shade.g, skin.g), ratio(shade.b, skin.b), 1};
  // Deeper than the drawn shadows, which are lighter than what is multiplied.
  const Color deep{warm.r * warm.r, warm.g * warm.g, warm.b * warm.b, 1};
  return mix(deep, design.style.painting.shade, 0.2F);
}

void airbrush(Canvas& canvas, const CharacterDesign& design, const char* part,
              std::span<const SoftSpot> spots) {
  airbrush(canvas, design, part, spots, design.style.painting.shade);
}

void airbrush(Canvas& canvas, const CharacterDesign& design, const char* part,
              std::span<const SoftSpot> spots, const Color& shade) {
  const Painting& painting = design.style.painting;
  if (painting.strength <= 0) return;
  const int columns = std::max(2, static_cast<int>(std::ceil(canvas.size().x / kCell)));
  const int rows = std::max(2, static_cast<int>(std::ceil(canvas.size().y / kCell)));
  const glm::vec2 cell = canvas.size() / glm::vec2(columns, rows);
  const glm::vec2 light = glm::normalize(glm::vec2(painting.light_side, -0.7F));
  CellField field = modelled({columns, rows, canvas.coverage(columns, rows)}, light, painting);

  for (int y = 0; y < rows; ++y) {
    for (int x = 0; x < columns; ++x) {
      const glm::vec2 point = canvas.corner() + cell * (glm::vec2(x, y) + 0.5F);
      // Over the whole character, so that its parts agree.
      const float across = std::clamp((point.x - 256) / 90, -1.0F, 1.0F) * painting.light_side;
      const float down = glm::smoothstep(150.0F, 500.0F, point.y);
      field.values[static_cast<std::size_t>(y * columns + x)] +=
          painting.slope * (0.55F * across - 0.1F - 0.6F * down);
    }
  }
  SeededRandom random(design.seed, std::string("blotches of ") + part);
  for (int i = 0; i < kBlotches && painting.blotches > 0; ++i) {
    const glm::vec2 center =
        canvas.corner() + canvas.size() * glm::vec2(random.uniform(0, 1), random.uniform(0, 1));
    const float radius = random.uniform(14, 55);
    add_spot(field, canvas.corner(), cell,
             {center, {radius, radius * random.uniform(0.5F, 1.4F)}, random.jitter(painting.blotches)});
  }
  for (const SoftSpot& spot : spots) add_spot(field, canvas.corner(), cell, spot);

  TintGrid grid{columns, rows, {}};
  grid.tints.reserve(field.values.size());
  for (const float value : field.values) grid.tints.push_back(tint_of(value, painting, shade));
  canvas.tint(grid);
}

void airbrush_face(Canvas& canvas, const CharacterDesign& design) {
  const float s = design.style.painting.light_side;
  const float level = std::clamp(design.hair.fringe_level, 96.0F, 120.0F);
  const std::vector<SoftSpot> spots{
      {{256, level - 22}, {70, 34}, -0.55F},   // under the fringe
      {{256 - s * 52, 150}, {30, 52}, -0.5F},  // the cheek away from the light
      {{256 + s * 26, 158}, {22, 16}, 0.35F},  // the other one
      {{256 - s * 8, 166}, {8, 7}, -0.3F},     // beside the nose
      {{256 + s * 1.5F, 154}, {5, 13}, 0.4F},  // its bridge
      {{256 - s * 10, 196}, {34, 13}, -0.4F},  // under the chin
      {{256 + s * 4, 189}, {9, 6}, 0.25F},     // on it
  };
  airbrush(canvas, design, "skin", spots, skin_shade_factor(design));
}

void airbrush_front_hair(Canvas& canvas, const CharacterDesign& design) {
  const float s = design.style.painting.light_side;
  const float top = design.hair.top;
  const std::vector<SoftSpot> spots{
      {{256 + s * 22, top + 26}, {46, 22}, 0.75F},   // the crown in the light
      {{256 - s * 58, top + 58}, {34, 60}, -0.55F},  // the temple away from it
      {{256, top + 4}, {80, 16}, -0.25F},
      {{256, design.hair.fringe_level - 4}, {66, 17}, -0.3F},
  };
  airbrush(canvas, design, "front hair", spots);
}

void airbrush_body(Canvas& canvas, const CharacterDesign& design, const char* part, const Color& shade) {
  const float s = design.style.painting.light_side;
  const std::vector<SoftSpot> spots{
      {{256 - s * 4, 204}, {34, 24}, -0.9F},    // under the chin
      {{256 - s * 38, 300}, {26, 60}, -0.45F},  // the flank away from the light
      {{256 + s * 24, 262}, {26, 30}, 0.35F},   // the chest in it
      {{256 - s * 62, 330}, {22, 80}, -0.3F},   // the arm away from it
      {{256 + s * 50, 238}, {20, 14}, 0.4F},    // the shoulder in it
      {{256, 372}, {60, 20}, -0.3F},            // under what hangs over the hips
  };
  airbrush(canvas, design, part, spots, shade);
}

}  // namespace tha4::generator
