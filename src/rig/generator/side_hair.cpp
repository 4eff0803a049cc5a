#include <algorithm>
#include <array>
#include <cmath>

#include "hair.h"
#include <glm/common.hpp>

// Locks in front of the ears. Each style paints both sides.

namespace tha4::generator {
namespace {

struct SideLock {
  float x;       ///< of the tip, outwards from the middle of the face
  float length;  ///< y of the tip
  float width;
  float sway;  ///< outward swing of the middle
};

void paint_side_lock(HairBrush& brush, float side, const SideLock& shape) {
  const HairDesign& hair = brush.design().hair;
  SeededRandom& random = brush.random();
  const float edge = 66 * hair.volume;
  const glm::vec2 root(256 + side * (edge - 12), 84);
  const glm::vec2 tip(256 + side * (shape.x + random.jitter(2.5F)), shape.length + random.jitter(5));
  const float drop = tip.y - root.y;
  Lock lock;
  lock.spine = {root,
                {256 + side * (edge - 3 + shape.sway * 0.5F), root.y + drop * 0.27F},
                {256 + side * (glm::mix(edge - 4, shape.x, 0.55F) + shape.sway), root.y + drop * 0.62F},
                tip};
  if (hair.wave > 0.55F && drop > 110) {
    const float swing = (hair.wave - 0.4F) * 10;
    lock.spine[2].x -= side * swing;
    lock.spine.insert(lock.spine.end() - 1, glm::vec2(glm::mix(lock.spine[2].x, tip.x, 0.5F) + side * swing,
                                                      root.y + drop * 0.82F));
  }
  lock.root_width = shape.width * 0.3F;
  lock.belly_width = shape.width;
  lock.belly_at = 0.45F;
  lock.outline_from = 0.05F;
  lock.root_shade = 0.75F;
  lock.shadow = 0.5F;
  lock.is_streak = brush.picks_streak(0.18F);
  brush.lock(lock);
}

void both_sides(HairBrush& brush, const std::vector<SideLock>& shapes) {
  for (const float side : {-1.0F, 1.0F}) {
    for (const SideLock& shape : shapes) paint_side_lock(brush, side, shape);
  }
}

/// y of tips that usually reach down by \p length from the temples.
float tip_level(const HairBrush& brush, float length) {
  return 100 + length * brush.design().hair.side_length;
}

void short_locks(HairBrush& brush) {
  both_sides(brush, {{60, tip_level(brush, 76), 17, 3},
                     {66, tip_level(brush, 60), 13, 4},
                     {53, tip_level(brush, 60), 10, 2}});
}

void long_locks(HairBrush& brush) {
  both_sides(brush, {{64, tip_level(brush, 150), 15, 3},
                     {54, tip_level(brush, 185), 20, 4},
                     {49, tip_level(brush, 130), 10, 3},
                     {57, tip_level(brush, 105), 9, 2}});
}

void hime_locks(HairBrush& brush) {
  // Cut straight at the height of the cheeks or below.
  for (const float side : {-1.0F, 1.0F}) {
    const float level = std::min(196.0F, tip_level(brush, 84));
    for (const float x : {64.0F, 55.0F}) {
      const glm::vec2 root(256 + side * (x - 8), 90);
      Lock lock;
      lock.spine = {root,
                    {256 + side * (x + 3), 126},
                    {256 + side * (x + 2), 155},
                    {256 + side * x, level + brush.random().jitter(2)}};
      lock.root_width = 7;
      lock.belly_width = 20;
      lock.tip_width = 15;
      lock.outline_from = 0.05F;
      lock.root_shade = 0.7F;
      lock.strands = 3;
      brush.lock(lock);
      const LockFrame frame(lock);
      const float width = brush.design().style.line_width;
      brush.canvas().line(Points{frame.at(1, 1), frame.at(1, 0) + glm::vec2(0, 0.8F), frame.at(1, -1)},
                          LineWidth{width, width * 0.6F, width * 0.6F}, brush.line());
    }
  }
}

void wavy_locks(HairBrush& brush) {
  for (const float side : {-1.0F, 1.0F}) {
    for (int i = 0; i < 3; ++i) {
      const float x = 64 - static_cast<float>(i) * 6;
      const float end = tip_level(brush, 150 + static_cast<float>(i % 2) * 25);
      Lock lock;
      lock.spine.emplace_back(256 + side * (x - 6), 92);
      const int bends = 5;
      for (int k = 1; k <= bends; ++k) {
        const float swing = (k % 2 == 0 ? -1.0F : 1.0F) * (4 + 2.5F * brush.design().hair.wave);
        lock.spine.emplace_back(256 + side * (x + swing + brush.random().jitter(1.5F)),
                                glm::mix(96.0F, end, static_cast<float>(k) / bends));
      }
      lock.root_width = 5;
      lock.belly_width = 15;
      lock.belly_at = 0.5F;
      lock.outline_from = 0.05F;
      lock.root_shade = 0.7F;
      brush.lock(lock);
    }
  }
}

void braided(HairBrush& brush) {
  const float plait_side = brush.design().hair.is_mirrored ? -1.0F : 1.0F;
  for (const float side : {-1.0F, 1.0F}) {
    paint_side_lock(brush, side, {66, tip_level(brush, 65), 13, 4});
    if (side != plait_side) {
      paint_side_lock(brush, side, {56, tip_level(brush, 120), 16, 3});
      continue;
    }
    const int knots = 8;
    const float step = 14 * std::clamp(brush.design().hair.side_length, 0.85F, 1.1F);
    for (int i = 0; i < knots; ++i) {
      const float y = 112 + step * static_cast<float>(i);
      const float x = 256 + side * (60 - 0.5F * static_cast<float>(i));
      const float hand = i % 2 == 0 ? 1.0F : -1.0F;
      Lock knot;
      knot.spine = {{x + hand * 6, y - 7}, {x + hand * 4.5F, y + 4}, {x - hand * 4, y + 13}};
      knot.root_width = 9;
      knot.belly_width = 12;
      knot.tip_width = 5;
      knot.outline_from = 0;
      knot.root_shade = 0.6F;
      brush.lock(knot);
    }
    const float end = 112 + step * knots;
    Lock tuft;
    tuft.spine = {{256 + side * 56, end - 4}, {256 + side * 57, end + 8}, {256 + side * 54, end + 22}};
    tuft.root_width = 7;
    tuft.belly_width = 12;
    tuft.outline_from = 0;
    brush.lock(tuft);
    brush.canvas().fill(ellipse({256 + side * 56, end - 1}, {6, 3.4F}), brush.design().accessories.color);
    brush.canvas().stroke(ellipse({256 + side * 56, end - 1}, {6, 3.4F}),
                          brush.design().style.line_width * 0.8F,
                          line_color_of(brush.design().accessories.color));
  }
}

void curled(HairBrush& brush) {
  // Ringlets: short bows, one below the other.
  for (const float side : {-1.0F, 1.0F}) {
    paint_side_lock(brush, side, {67, tip_level(brush, 60), 13, 4});
    const int turns = 6;
    const float step = 15 * std::clamp(brush.design().hair.side_length, 0.85F, 1.15F);
    for (int i = turns - 1; i >= 0; --i) {
      const float y = 118 + step * static_cast<float>(i);
      const float x = 256 + side * 59;
      const float size = 9.5F - 0.7F * static_cast<float>(i);
      Lock turn;
      turn.spine = {
          {x + size, y - 5}, {x + size * 0.5F, y + 6}, {x - size * 0.6F, y + 10}, {x - size, y + 4}};
      turn.root_width = 8;
      turn.belly_width = 17;
      turn.tip_width = 3;
      turn.outline_from = 0;
      turn.root_shade = 0.5F;
      turn.tip_shade = 0.6F;
      turn.strands = 3;
      brush.lock(turn);
    }
    paint_side_lock(brush, side, {56, tip_level(brush, 42), 15, 4});
  }
}

void tucked(HairBrush& brush) {
  // Brushed behind the ears; a thin strand stays in front.
  both_sides(brush, {{66, tip_level(brush, 38), 10, 3}, {57, tip_level(brush, 56), 6, 3}});
}

constexpr auto kSideHairRows = std::to_array<HairStyle>({
    {.name = "short", .paint = short_locks},
    {.name = "long", .paint = long_locks},
    {.name = "braided", .paint = braided},
    {.name = "hime", .paint = hime_locks},
    {.name = "curled", .paint = curled},
    {.name = "wavy", .paint = wavy_locks},
    {.name = "tucked", .paint = tucked},
});
constexpr Kinds<HairStyle> kSideHair{"style of side hair", kSideHairRows};

}  // namespace

const Kinds<HairStyle>& side_hair_styles() {
  return kSideHair;
}

}  // namespace tha4::generator
