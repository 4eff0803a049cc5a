#include <algorithm>
#include <array>
#include <cmath>

#include "hair.h"
#include <glm/common.hpp>

// Fringes. Each is a list of tips, as seen from the front, that locks from the parting reach to.

namespace tha4::generator {
namespace {

struct FringeTip {
  glm::vec2 tip;
  float width = 16;
  float bulge = 0;  ///< how far the middle swings outwards, pixels, positive to the right
  float tip_width = 0;
  glm::vec2 root{256, 62};
};

float side_of(const HairBrush& brush) {
  return brush.design().hair.is_mirrored ? -1.0F : 1.0F;
}

/// Locks run over the dome of the skull: outwards first, then down.
Lock fringe_lock(const FringeTip& tip) {
  const glm::vec2 way = tip.tip - tip.root;
  Lock lock;
  lock.spine = {tip.root, tip.root + glm::vec2(way.x * 0.5F + tip.bulge * 0.4F, way.y * 0.2F),
                tip.root + glm::vec2(way.x * 0.84F + tip.bulge, way.y * 0.56F), tip.tip};
  lock.root_width = tip.width * 0.55F;
  lock.belly_width = tip.width;
  lock.belly_at = 0.6F;
  lock.tip_width = tip.tip_width;
  lock.outline_from = 0.42F;
  lock.root_shade = 0.25F;
  lock.shadow = 0.55F;
  lock.strands = 2;
  return lock;
}

/// Outer locks first, so that those towards the middle lie over them.
void paint_fringe(HairBrush& brush, std::vector<FringeTip> tips) {
  std::stable_sort(tips.begin(), tips.end(), [](const FringeTip& a, const FringeTip& b) {
    return std::abs(a.tip.x - a.root.x) > std::abs(b.tip.x - b.root.x);
  });
  const HairDesign& hair = brush.design().hair;
  for (FringeTip& tip : tips) {
    SeededRandom& random = brush.random();
    tip.tip += glm::vec2(random.jitter(2.2F), random.jitter(4.0F)) * hair.fringe_jitter;
    tip.width *= random.uniform(0.9F, 1.15F);
    Lock lock = fringe_lock(tip);
    lock.is_streak = brush.picks_streak(0.2F);
    brush.lock(lock);
  }
}

int lock_count(const HairBrush& brush, float usual) {
  return std::max(2, static_cast<int>(std::lround(usual * brush.design().hair.fringe_locks)));
}

/// The locks at both edges of the face, from the crown past the temples.
void add_temples(HairBrush& brush, std::vector<FringeTip>& tips, float length) {
  const float reach = 68 * brush.design().hair.volume;
  for (const float side : {-1.0F, 1.0F}) {
    tips.push_back({{256 + side * (reach - 3), 146 + length}, 20, side * 9, 0, {256 + side * 8, 58}});
    tips.push_back({{256 + side * (reach - 13), 132 + length * 0.6F}, 17, side * 8, 0, {256 + side * 6, 59}});
  }
}

void hime(HairBrush& brush) {
  const float level = brush.design().hair.fringe_level;
  std::vector<FringeTip> tips;
  add_temples(brush, tips, 4);
  const int count = lock_count(brush, 8);
  for (int i = 0; i < count; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) / static_cast<float>(count) * 2 - 1;
    tips.push_back({{256 + at * 52, level - 1 + at * at * 5},
                    112.0F / static_cast<float>(count) + 7,
                    at * 7,
                    9,
                    {256 + at * 9, 60}});
  }
  paint_fringe(brush, tips);
}

void parted(HairBrush& brush) {
  const float level = brush.design().hair.fringe_level;
  const float way = side_of(brush);
  const float part = 256 + way * 20;
  std::vector<FringeTip> tips;
  add_temples(brush, tips, 6);
  const int count = lock_count(brush, 4);
  for (int i = 0; i < count; ++i) {
    const float at = (static_cast<float>(i) + 0.7F) / static_cast<float>(count);
    // The wide side falls over the forehead, the narrow one is brushed away.
    tips.push_back({{part - way * (10 + at * 70), level - 8 + at * 12},
                    23,
                    -way * (7 + 8 * at),
                    0,
                    {part - way * 2, 60}});
    if (i < 3) {
      tips.push_back({{part + way * (18 + at * 28), level - 8 + at * 16},
                      18,
                      way * (10 + 3 * at),
                      0,
                      {part + way * 2, 60}});
    }
  }
  paint_fringe(brush, tips);
}

void swept(HairBrush& brush) {
  const float level = brush.design().hair.fringe_level;
  const float way = side_of(brush);
  const float part = 256 + way * 32;
  std::vector<FringeTip> tips;
  add_temples(brush, tips, 0);
  tips.push_back({{part + way * 17, level + 6}, 19, way * 12, 0, {part, 62}});
  const int count = lock_count(brush, 6);
  for (int i = 0; i < count; ++i) {
    const float at = static_cast<float>(i) / static_cast<float>(count - 1);
    tips.push_back({{part - way * (12 + at * 80), level - 12 + 16 * at + 8 * std::sin(at * 3.1F)},
                    21,
                    way * (12 - 18 * at),
                    0,
                    {part - way * (1 + 4 * at), 61}});
  }
  paint_fringe(brush, tips);
}

void m_shape(HairBrush& brush) {
  const float level = brush.design().hair.fringe_level;
  std::vector<FringeTip> tips;
  add_temples(brush, tips, 2);
  const float way = side_of(brush);
  for (const float side : {-1.0F, 1.0F}) {
    tips.push_back({{256 + side * 22, level - 8}, 17, side * 1, 0, {256 + side * 3, 60}});
    tips.push_back({{256 + side * 37, level - 1}, 21, side * 8, 0, {256 + side * 5, 60}});
    tips.push_back({{256 + side * 52, level + 9}, 19, side * 9, 0, {256 + side * 7, 59}});
  }
  tips.push_back({{256 - way * 6, level + 15}, 19, -way * 3, 0, {256, 61}});
  tips.push_back({{256 + way * 8, level + 7}, 15, way * 4, 0, {256 + way * 3, 61}});
  paint_fringe(brush, tips);
}

void messy(HairBrush& brush) {
  const HairDesign& hair = brush.design().hair;
  SeededRandom& random = brush.random();
  std::vector<FringeTip> tips;
  add_temples(brush, tips, -4);
  const int count = lock_count(brush, 9);
  for (int i = 0; i < count; ++i) {
    const float at = (static_cast<float>(i) + random.uniform(0.2F, 0.8F)) / static_cast<float>(count) * 2 - 1;
    const float lean = random.jitter(14) - side_of(brush) * 5;
    tips.push_back({{256 + at * 55 + lean, hair.fringe_level + random.jitter(9) + at * at * 5},
                    random.uniform(12, 21),
                    at * 8 - lean * 0.7F,
                    0,
                    {256 + at * 15, 59 + random.jitter(2)}});
  }
  paint_fringe(brush, tips);
}

void curtain(HairBrush& brush) {
  const float level = brush.design().hair.fringe_level;
  std::vector<FringeTip> tips;
  add_temples(brush, tips, 12);
  const float part = 256 + side_of(brush) * 4;
  const int count = lock_count(brush, 3);
  for (const float side : {-1.0F, 1.0F}) {
    for (int i = 0; i < count; ++i) {
      const float at = static_cast<float>(i) / static_cast<float>(std::max(1, count - 1));
      tips.push_back({{part + side * (32 + at * 25), level - 10 + at * 24},
                      21,
                      side * (4 + 9 * at),
                      0,
                      {part + side * 2, 60}});
    }
  }
  paint_fringe(brush, tips);
}

void wispy(HairBrush& brush) {
  const HairDesign& hair = brush.design().hair;
  std::vector<FringeTip> tips;
  add_temples(brush, tips, 4);
  const int count = lock_count(brush, 11);
  for (int i = 0; i < count; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) / static_cast<float>(count) * 2 - 1;
    tips.push_back({{256 + at * 51, hair.fringe_level - 5 + at * at * 12 + (i % 2 == 0 ? 6.0F : -5.0F)},
                    i % 2 == 0 ? 11.0F : 16.0F,
                    at * 7,
                    0,
                    {256 + at * 11, 60}});
  }
  paint_fringe(brush, tips);
}

void center_lock(HairBrush& brush) {
  const float level = brush.design().hair.fringe_level;
  const float way = side_of(brush);
  std::vector<FringeTip> tips;
  add_temples(brush, tips, 0);
  for (const float side : {-1.0F, 1.0F}) {
    tips.push_back({{256 + side * 27, level - 13}, 18, side * 6, 0, {256 + side * 4, 60}});
    tips.push_back({{256 + side * 41, level - 5}, 20, side * 10, 0, {256 + side * 6, 60}});
    tips.push_back({{256 + side * 55, level + 10}, 19, side * 9, 0, {256 + side * 8, 59}});
  }
  tips.push_back({{256 + way * 3, level + 22}, 17, way * 6, 0, {256 - way * 2, 60}});
  tips.push_back({{256 - way * 13, level + 2}, 13, -way * 3, 0, {256 - way * 3, 60}});
  paint_fringe(brush, tips);
}

/// Brushed back from an open forehead.
void swept_back(HairBrush& brush) {
  const float way = side_of(brush);
  const float rise = 4 * brush.design().hair.fringe_jitter;
  std::vector<FringeTip> tips;
  add_temples(brush, tips, -18);
  const int count = lock_count(brush, 7);
  for (int i = 0; i < count; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) / static_cast<float>(count) * 2 - 1;
    // They grow from the hairline and run up over the crown.
    tips.push_back({{256 + at * 58 - way * 6, 66 - rise + at * at * 26},
                    19,
                    at * 4,
                    2,
                    {256 + at * 40, 93 + at * at * 16}});
  }
  if (brush.design().hair.is_mirrored)
    tips.push_back({{256 + way * 16, 112}, 8, way * 5, 0, {256 + way * 8, 72}});
  paint_fringe(brush, tips);
}

/// Short all over, upright at the forehead.
void cropped(HairBrush& brush) {
  std::vector<FringeTip> tips;
  const int count = lock_count(brush, 12);
  for (const float side : {-1.0F, 1.0F}) {
    const float reach = 68 * brush.design().hair.volume;
    tips.push_back({{256 + side * (reach - 8), 128}, 15, side * 6, 3, {256 + side * 20, 64}});
    tips.push_back({{256 + side * (reach - 16), 114}, 15, side * 6, 3, {256 + side * 14, 64}});
  }
  for (int i = 0; i < count; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) / static_cast<float>(count) * 2 - 1;
    tips.push_back({{256 + at * 49, 91 + at * at * 13}, 13, at * 5, 3, {256 + at * 26, 60}});
  }
  paint_fringe(brush, tips);
}

/// Tufts that stand up and to the sides, the forehead half covered.
void spiky(HairBrush& brush) {
  const HairDesign& hair = brush.design().hair;
  SeededRandom& random = brush.random();
  const float way = side_of(brush);
  std::vector<FringeTip> tips;
  add_temples(brush, tips, -10);
  constexpr int kTufts = 9;
  for (int i = 0; i < kTufts; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) / kTufts * 2 - 1;
    // Those in the middle stand, the others lie to the sides; all lean the way that the hair is combed.
    const glm::vec2 tip(256 + at * 76 + way * random.uniform(4, 18),
                        hair.top - 8 + at * at * 36 + random.jitter(9));
    tips.push_back({{tip.x, std::max(16.0F, tip.y)},
                    random.uniform(22, 30),
                    at * 8 - way * 5,
                    0,
                    {256 + at * 46, 88 + at * at * 12}});
  }
  const int count = lock_count(brush, 5);
  for (int i = 0; i < count; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) / static_cast<float>(count) * 2 - 1;
    tips.push_back({{256 + at * 46 - way * 10, hair.fringe_level - 12 + random.jitter(7) + at * at * 8},
                    15,
                    at * 6,
                    0,
                    {256 + at * 14, 60}});
  }
  paint_fringe(brush, tips);
}

constexpr auto kFrontHairRows = std::to_array<HairStyle>({
    {.name = "hime", .paint = hime},
    {.name = "parted", .paint = parted},
    {.name = "swept", .paint = swept},
    {.name = "m_shape", .paint = m_shape},
    {.name = "messy", .paint = messy},
    {.name = "curtain", .paint = curtain},
    {.name = "wispy", .paint = wispy},
    {.name = "center_lock", .paint = center_lock},
    {.name = "swept_back", .paint = swept_back},
    {.name = "cropped", .paint = cropped},
    {.name = "spiky", .paint = spiky, .under_hat = "cropped"},
});
constexpr Kinds<HairStyle> kFrontHair{"style of front hair", kFrontHairRows};

}  // namespace

const Kinds<HairStyle>& front_hair_styles() {
  return kFrontHair;
}

}  // namespace tha4::generator
