#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "back_hair_kinds.h"
#include "hair_curtain.h"
#include "ornaments.h"
#include <glm/common.hpp>

namespace tha4::generator {
namespace {

float side_of(const HairBrush& brush) {
  return brush.design().hair.is_mirrored ? -1.0F : 1.0F;
}

/// The skull and the nape alone, for hair that is tied up.
void paint_tied_skull(HairBrush& brush) {
  paint_curtain(
      brush, {.end = 172, .middle = 70, .width = 52, .locks = 7, .lock_width = 26, .jitter = 6, .curl = -8});
}

struct Tail {
  Points spine;
  float width = 40;
  float wave = 0;
  int locks = 5;
};

/// A bundle of locks along one spine that fan out and close again.
void paint_tail(HairBrush& brush, const Tail& tail) {
  SeededRandom& random = brush.random();
  const HairDesign& hair = brush.design().hair;
  const Points spine = smooth_curve(tail.spine);
  brush.set_tips(glm::mix(spine.front().y, spine.back().y, 0.4F), spine.back().y);
  const float width = tail.width * hair.tail_volume;
  Lock body;
  body.spine = tail.spine;
  body.root_width = width * 0.35F;
  body.belly_width = width;
  body.belly_at = 0.42F;
  body.outline_from = 0;
  body.root_shade = 0.8F;
  body.shadow = 0.2F;
  brush.lock(body);
  const LockFrame frame(body);
  for (int i = 0; i < tail.locks; ++i) {
    const float place =
        tail.locks == 1 ? 0 : static_cast<float>(i) / static_cast<float>(tail.locks - 1) * 2 - 1;
    const float end = random.uniform(0.72F, 1.0F);
    Lock lock;
    const int bends = tail.wave > 0 ? 7 : 4;
    const float phase = random.chance(0.5F) ? 1.0F : -1.0F;
    for (int k = 0; k <= bends; ++k) {
      const float along = end * static_cast<float>(k) / static_cast<float>(bends);
      const float spread = 0.72F * std::sin(std::min(1.0F, along * 1.15F) * 2.6F) + 0.25F * along;
      glm::vec2 point = frame.at(along, place * spread);
      if (k > 0) point.x += tail.wave * (k % 2 == 0 ? phase : -phase);
      if (k == bends) point += glm::vec2(random.jitter(6), random.jitter(7));
      lock.spine.push_back(point);
    }
    lock.root_width = width * 0.14F;
    lock.belly_width = width * random.uniform(0.3F, 0.46F);
    lock.belly_at = random.uniform(0.42F, 0.58F);
    lock.outline_from = 0.06F;
    lock.root_shade = 0.5F;
    lock.is_streak = brush.picks_streak(0.2F);
    brush.lock(lock);
  }
}

/// What holds a tail together: a bow or a band.
void paint_tie(HairBrush& brush, glm::vec2 center, float size, bool is_bow) {
  const OrnamentBrush ornament(brush.canvas(), brush.design().style);
  const Color color = brush.design().accessories.color;
  if (is_bow) {
    ornament.bow(center, size, color, /*has_tails=*/true);
  } else {
    ornament.shape(ellipse(center, glm::vec2(0.5F, 0.42F) * size), color, size * 0.16F);
  }
}

bool has_bows(const HairBrush& brush) {
  return !brush.design().is_masculine && brush.design().hair.spikiness < 0.65F;
}

/// A ringlet: around a tapering core, bows one below the other that get narrower, each drawn over the next.
void paint_ringlet(HairBrush& brush, glm::vec2 top, float end, float width, float side) {
  brush.set_tips(glm::mix(top.y, end, 0.4F), end);
  const auto center_at = [&](float along) {
    return glm::vec2(top.x + side * 14 * std::sin(along * 2.2F), glm::mix(top.y, end, along));
  };
  const auto half_at = [&](float along) { return width * 0.5F * (1 - 0.72F * along * along); };
  Lock core;
  core.spine = {center_at(0) - glm::vec2(side * 6, 12), center_at(0.3F), center_at(0.65F),
                center_at(1) + glm::vec2(-side * 3, 14)};
  core.root_width = width * 0.5F;
  core.belly_width = width * 0.8F;
  core.belly_at = 0.25F;
  core.root_shade = 0.6F;
  core.tip_shade = 0.6F;
  core.outline_from = 0;
  core.strands = 0;
  brush.lock(core);
  std::vector<Lock> turns;
  for (float along = 0; along < 0.97F; along += 1.1F * half_at(along) / (end - top.y)) {
    const glm::vec2 center = center_at(along);
    const float half = half_at(along);
    Lock turn;
    turn.spine = {center + glm::vec2(side * half, -half * 0.72F),
                  center + glm::vec2(side * half * 0.62F, half * 0.02F),
                  center + glm::vec2(-side * half * 0.35F, half * 0.3F),
                  center + glm::vec2(-side * half, half * 0.02F)};
    turn.root_width = half * 0.2F;
    turn.belly_width = half * 1.5F;
    turn.belly_at = 0.55F;
    turn.tip_width = half * 0.2F;
    turn.outline_from = 0;
    turn.root_shade = 0.45F;
    turn.tip_shade = 0.6F;
    turn.strands = 3;
    turns.push_back(turn);
  }
  for (auto turn = turns.rbegin(); turn != turns.rend(); ++turn) brush.lock(*turn);
}

void paint_twin_tails(HairBrush& brush) {
  paint_tied_skull(brush);
  const float root = 70 * brush.design().hair.volume + 5;
  const float end = hair_level(brush, 215);
  const float height = 84 + 24 * brush.design().hair.spikiness;
  for (const float side : {-1.0F, 1.0F}) {
    const float flick = brush.random().jitter(6);
    paint_tail(brush, {{{256 + side * (root - 8), height},
                        {256 + side * (root + 27), height + 16},
                        {256 + side * (root + 38), glm::mix(height, end, 0.42F)},
                        {256 + side * (root + 27 + flick), glm::mix(height, end, 0.75F)},
                        {256 + side * (root + 34 + flick), end}},
                       46,
                       wave_of(brush, 8)});
    paint_tie(brush, {256 + side * (root + 3), height + 3}, 13, has_bows(brush));
  }
}

void paint_ponytail(HairBrush& brush) {
  paint_tied_skull(brush);
  const float way = side_of(brush);
  const float end = hair_level(brush, 190);
  paint_tail(brush, {{{256 + way * 26, 58},
                      {256 + way * 72, 46},
                      {256 + way * 103, 92},
                      {256 + way * 100, glm::mix(92.0F, end, 0.5F)},
                      {256 + way * 92, end}},
                     50,
                     wave_of(brush, 8)});
  paint_tie(brush, {256 + way * 49, 50}, 13, has_bows(brush));
}

void paint_side_ponytail(HairBrush& brush) {
  paint_tied_skull(brush);
}

void paint_side_ponytail_front(HairBrush& brush) {
  const float way = side_of(brush);
  const float end = hair_level(brush, 150);
  const float x = 66 * brush.design().hair.volume;
  paint_tail(brush, {{{256 + way * (x - 3), 142},
                      {256 + way * (x + 14), 166},
                      {256 + way * (x + 12), glm::mix(166.0F, end, 0.5F)},
                      {256 + way * (x - 6), end}},
                     36,
                     wave_of(brush, 7),
                     4});
  paint_tie(brush, {256 + way * x, 147}, 13, has_bows(brush));
}

void paint_low_twin_tails_front(HairBrush& brush) {
  const float end = hair_level(brush, 150);
  for (const float side : {-1.0F, 1.0F}) {
    paint_tail(brush, {{{256 + side * 58, 182},
                        {256 + side * 70, 204},
                        {256 + side * 70, glm::mix(204.0F, end, 0.5F)},
                        {256 + side * 58, end}},
                       32,
                       wave_of(brush, 7),
                       4});
    paint_tie(brush, {256 + side * 60, 188}, 10, has_bows(brush));
  }
}

void paint_low_twin_tails(HairBrush& brush) {
  paint_curtain(
      brush, {.end = 192, .middle = 74, .width = 60, .locks = 8, .lock_width = 26, .jitter = 5, .curl = -6});
}

void paint_drills(HairBrush& brush) {
  paint_tied_skull(brush);
  const float root = 70 * brush.design().hair.volume + 7;
  for (const float side : {-1.0F, 1.0F}) {
    paint_ringlet(brush, {256 + side * (root + 10), 118}, hair_level(brush, 175),
                  44 * brush.design().hair.tail_volume, side);
    paint_tie(brush, {256 + side * root, 104}, 13, true);
  }
}

void paint_braids(HairBrush& brush) {
  paint_low_twin_tails(brush);
}

void paint_braids_front(HairBrush& brush) {
  const float end = hair_level(brush, 150);
  for (const float side : {-1.0F, 1.0F}) {
    const Points path = smooth_curve(Points{{256 + side * 57, 180},
                                            {256 + side * 69, 215},
                                            {256 + side * 66, glm::mix(215.0F, end, 0.6F)},
                                            {256 + side * 58, end}});
    brush.set_tips(glm::mix(190.0F, end, 0.4F), end + 20);
    const int knots = static_cast<int>(length_of(path) / 12.5F);
    for (int i = 0; i < knots; ++i) {
      const float along = static_cast<float>(i) / static_cast<float>(knots);
      const glm::vec2 center = point_at(path, along);
      const float hand = i % 2 == 0 ? 1.0F : -1.0F;
      const float size = 1.15F - 0.3F * along;
      Lock knot;
      knot.spine = {center + glm::vec2(hand * 8, -9) * size, center + glm::vec2(hand * 6, 3) * size,
                    center + glm::vec2(-hand * 5, 12) * size};
      knot.root_width = 9 * size;
      knot.belly_width = 14 * size;
      knot.tip_width = 5 * size;
      knot.outline_from = 0;
      knot.root_shade = 0.5F;
      brush.lock(knot);
    }
    Lock tuft;
    tuft.spine = {path.back() + glm::vec2(0, -4), path.back() + glm::vec2(side * 2, 10),
                  path.back() + glm::vec2(-side * 3, 25)};
    tuft.root_width = 7;
    tuft.belly_width = 14;
    tuft.outline_from = 0;
    brush.lock(tuft);
    paint_tie(brush, path.back(), 9, has_bows(brush));
  }
}

constexpr auto kTiedRows = std::to_array<HairStyle>({
    {.name = "twin_tails", .paint = paint_twin_tails, .under_hat = "low_twin_tails"},
    {.name = "low_twin_tails",
     .paint = paint_low_twin_tails,
     .paint_before_body = paint_low_twin_tails_front},
    {.name = "ponytail", .paint = paint_ponytail, .under_hat = "short"},
    {.name = "side_ponytail",
     .paint = paint_side_ponytail,
     .paint_before_body = paint_side_ponytail_front,
     .under_hat = "short"},
    {.name = "drills", .paint = paint_drills},
    {.name = "braids", .paint = paint_braids, .paint_before_body = paint_braids_front},
});

}  // namespace

std::span<const HairStyle> tied_back_hair() {
  return kTiedRows;
}

}  // namespace tha4::generator
