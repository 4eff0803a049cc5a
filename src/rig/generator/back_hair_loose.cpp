#include <algorithm>
#include <array>
#include <cmath>

#include "back_hair_kinds.h"
#include "hair_curtain.h"

namespace tha4::generator {
namespace {

void paint_bob(HairBrush& brush) {
  paint_curtain(brush, {.end = std::min(216.0F, hair_level(brush, 68)),
                        .middle = 80,
                        .width = 70,
                        .locks = 10,
                        .lock_width = 25,
                        .jitter = 6,
                        .curl = -12});
}

void paint_flipped_bob(HairBrush& brush) {
  paint_curtain(brush, {.end = std::min(226.0F, hair_level(brush, 76)),
                        .middle = 72,
                        .width = 78,
                        .locks = 9,
                        .lock_width = 25,
                        .jitter = 9,
                        .curl = 17});
}

void paint_short_back(HairBrush& brush) {
  const float spikes = brush.design().hair.spikiness;
  paint_curtain(brush, {.end = hair_level(brush, 38),
                        .middle = 69,
                        .width = 58,
                        .locks = 9,
                        .lock_width = 22,
                        .jitter = 9,
                        .curl = -6 + 18 * spikes});
}

void paint_wolf(HairBrush& brush) {
  paint_curtain(brush, {.end = hair_level(brush, 108),
                        .middle = 66,
                        .width = 66,
                        .locks = 8,
                        .lock_width = 19,
                        .jitter = 16,
                        .curl = 12});
  // Shaggy upper layer.
  SeededRandom& random = brush.random();
  for (int i = 0; i < 8; ++i) {
    const float side = i % 2 == 0 ? -1.0F : 1.0F;
    const float y = 104 + static_cast<float>(i / 2) * 15;
    Lock lock;
    lock.spine = {{256 + side * 58, y},
                  {256 + side * 72, y + 18},
                  {256 + side * (84 + random.jitter(6)), y + 44 + random.jitter(7)}};
    lock.root_width = 12;
    lock.belly_width = 20;
    lock.belly_at = 0.4F;
    lock.outline_from = 0.1F;
    brush.lock(lock);
  }
}

void paint_long_straight(HairBrush& brush) {
  paint_curtain(brush, {.end = hair_level(brush, 230),
                        .middle = 80,
                        .width = 86,
                        .locks = 11,
                        .lock_width = 30,
                        .jitter = 26,
                        .curl = 3,
                        .wave = wave_of(brush, 5)});
}

void paint_hime_back(HairBrush& brush) {
  paint_curtain(brush, {.end = hair_level(brush, 255),
                        .middle = 80,
                        .width = 84,
                        .locks = 12,
                        .lock_width = 24,
                        .tip_width = 19,
                        .jitter = 3});
}

void paint_wavy(HairBrush& brush) {
  paint_curtain(brush, {.end = hair_level(brush, 200),
                        .middle = 88,
                        .width = 98,
                        .locks = 10,
                        .lock_width = 32,
                        .jitter = 24,
                        .curl = 6,
                        .wave = 5 + 5 * brush.design().hair.wave});
}

void paint_buns(HairBrush& brush) {
  const float x = 50 * brush.design().hair.volume;
  for (const float side : {-1.0F, 1.0F}) {
    const glm::vec2 center(256 + side * x, brush.design().hair.top + 12);
    const float size = 19 * brush.design().hair.tail_volume;
    const Points bun = smooth_loop(
        Points{center + glm::vec2(-size, 2), center + glm::vec2(-size * 0.6F, -size * 0.85F),
               center + glm::vec2(size * 0.5F, -size * 0.9F), center + glm::vec2(size, 0),
               center + glm::vec2(size * 0.5F, size), center + glm::vec2(-size * 0.6F, size * 0.9F)});
    brush.mass(bun, joined(bun, Points{bun.front()}), center.y - size, center.y + size, 0.9F);
    brush.canvas().clipped(bun, [&] {
      for (int i = 0; i < 4; ++i) {
        const float radius = size * (0.85F - 0.2F * static_cast<float>(i));
        Points swirl;
        for (int k = 0; k <= 14; ++k) {
          const float angle = -0.6F + 0.22F * static_cast<float>(k) + static_cast<float>(i) * 1.3F;
          swirl.push_back(center + radius * (1 - 0.02F * static_cast<float>(k)) *
                                       glm::vec2(side * std::cos(angle), std::sin(angle)));
        }
        brush.crease(swirl, brush.design().style.line_width);
      }
    });
  }
  paint_curtain(brush, {.end = std::min(205.0F, hair_level(brush, 55)),
                        .middle = 74,
                        .width = 62,
                        .locks = 9,
                        .lock_width = 24,
                        .jitter = 6,
                        .curl = -8});
}

constexpr auto kLooseRows = std::to_array<HairStyle>({
    {.name = "bob", .paint = paint_bob},
    {.name = "flipped_bob", .paint = paint_flipped_bob},
    {.name = "short", .paint = paint_short_back},
    {.name = "wolf", .paint = paint_wolf},
    {.name = "long", .paint = paint_long_straight},
    {.name = "hime", .paint = paint_hime_back},
    {.name = "wavy", .paint = paint_wavy},
    {.name = "buns", .paint = paint_buns, .under_hat = "short"},
});

}  // namespace

std::span<const HairStyle> loose_back_hair() {
  return kLooseRows;
}

}  // namespace tha4::generator
