#include <algorithm>
#include <cmath>

#include "hair.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

// What hangs behind the head, and tails.

namespace tha4 {
namespace {

/// Hair that falls from the skull as one curtain.
struct Curtain {
  float end = 200;    ///< y of the tips
  float middle = 76;  ///< half the width half way down
  float width = 74;   ///< the same at the tips
  int locks = 9;
  float lock_width = 26;
  float tip_width = 0;
  float jitter = 8;  ///< of the tips' heights
  float curl = 0;    ///< of the outer tips, pixels outwards (or inwards)
  float wave = 0;    ///< swing of waves in pixels
};

float side_of(const HairBrush& brush) {
  return brush.design().hair.is_mirrored ? -1.0F : 1.0F;
}

/// A y this far below the ears, scaled by the length of this character's hair.
float level(const HairBrush& brush, float length) {
  return 130 + length * brush.design().hair.back_length;
}

Points curtain_spine(const Curtain& curtain, float at, float end, float reach, SeededRandom& random) {
  const glm::vec2 root(256 + at * reach * 0.78F, 88);
  const float drop = end - root.y;
  Points spine{root};
  const int bends = curtain.wave > 0 ? std::max(4, static_cast<int>(drop / 34)) : 3;
  const float phase = random.chance(0.5F) ? 1.0F : -1.0F;
  for (int k = 1; k < bends; ++k) {
    const float along = static_cast<float>(k) / static_cast<float>(bends);
    const float half = along < 0.5F ? glm::mix(reach, curtain.middle, along * 2)
                                    : glm::mix(curtain.middle, curtain.width, along * 2 - 1);
    const float swing = curtain.wave * (k % 2 == 0 ? phase : -phase) * (0.4F + along);
    spine.emplace_back(256 + at * half + swing, root.y + drop * along);
  }
  spine.emplace_back(256 + at * curtain.width + curtain.curl * at, end);
  return spine;
}

void paint_curtain(HairBrush& brush, const Curtain& curtain) {
  const HairDesign& hair = brush.design().hair;
  SeededRandom& random = brush.random();
  const float reach = 71 * hair.volume;
  brush.set_tips(glm::mix(120.0F, curtain.end, 0.35F), curtain.end);
  const Points arc = skull_arc(hair, -1.5F);
  const float inner = curtain.end - curtain.jitter * 2 - 14;
  Points loop = arc;
  loop = joined(loop, smooth_curve(Points{arc.back(),
                                          {256 + curtain.middle * 0.96F, glm::mix(148.0F, inner, 0.5F)},
                                          {256 + curtain.width * 0.86F, inner},
                                          {256, inner + 6},
                                          {256 - curtain.width * 0.86F, inner},
                                          {256 - curtain.middle * 0.96F, glm::mix(148.0F, inner, 0.5F)},
                                          arc.front()}));
  brush.mass(loop, arc, 60, 190, 1.0F);
  const int count = curtain.locks;
  for (int pass = 0; pass < 2; ++pass) {
    for (int i = 0; i < count; ++i) {
      // From the middle outwards, every second one on top: the outline is that of whole locks.
      if (i % 2 != pass) continue;
      const float at = static_cast<float>(i) / static_cast<float>(count - 1) * 2 - 1;
      const float end = curtain.end + random.jitter(curtain.jitter) - std::abs(at) * 4;
      Lock lock;
      lock.spine =
          curtain_spine(curtain, std::clamp(at + random.jitter(0.08F), -1.0F, 1.0F), end, reach, random);
      lock.root_width = curtain.lock_width * 0.35F;
      lock.belly_width = curtain.lock_width * random.uniform(0.85F, 1.15F);
      lock.belly_at = 0.55F;
      lock.tip_width = curtain.tip_width;
      lock.outline_from = 0.12F;
      lock.root_shade = 0.9F;
      // Behind the face and the neck there is no light.
      lock.tip_shade = std::abs(at) < 0.6F && curtain.end < 260 ? 0.7F : 0.15F;
      lock.strands = 3;
      lock.shadow = 0.4F;
      lock.is_streak = hair.color_scheme == "streaks" && random.chance(0.15F);
      brush.lock(lock);
    }
  }
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
    lock.is_streak = hair.color_scheme == "streaks" && random.chance(0.2F);
    brush.lock(lock);
  }
}

/// What holds a tail together: a bow or a band.
void paint_tie(HairBrush& brush, glm::vec2 center, float size, bool is_bow) {
  const Color color = brush.design().accessories.color;
  const Color line = line_color_of(color);
  const float width = brush.design().style.line_width;
  Canvas& canvas = brush.canvas();
  if (is_bow) {
    for (const float side : {-1.0F, 1.0F}) {
      const auto at = [&](float x, float y) { return center + glm::vec2(side * x, y) * size; };
      const Points end = smooth_curve(Points{at(0.1F, 0), at(0.5F, 0.7F), at(0.55F, 1.5F)});
      const Points ribbon = joined(end, Points{at(0.25F, 1.25F), at(0.02F, 1.35F)});
      canvas.fill(ribbon, shade_of(color, 0.15F));
      canvas.line(end, LineWidth{width * 0.8F, 0.3F, 0.3F}, line);
      const Points wing =
          smooth_loop(Points{at(0, -0.12F), at(0.55F, -0.75F), at(1.15F, -0.62F), at(1.2F, 0.1F),
                             at(1.02F, 0.62F), at(0.5F, 0.42F), at(0, 0.14F)});
      canvas.fill(wing, color);
      canvas.clipped(wing, [&] {
        canvas.fill(
            smooth_loop(Points{at(0, 0), at(0.6F, 0.2F), at(1.2F, 0.25F), at(1.1F, 0.8F), at(0.4F, 0.6F)}),
            shade_of(color, 0.28F));
        canvas.line(smooth_curve(Points{at(0.1F, 0), at(0.5F, -0.12F), at(0.85F, -0.12F)}),
                    LineWidth{width, 0.2F, 0}, line);
      });
      canvas.line(joined(wing, Points{wing.front()}), LineWidth{width, width * 0.6F, width * 0.6F}, line);
    }
    const Points knot = ellipse(center, glm::vec2(0.27F, 0.31F) * size);
    canvas.fill(knot, light_of(color, 0.15F));
    canvas.stroke(joined(knot, Points{knot.front()}), width * 0.8F, line);
    return;
  }
  const Points band = ellipse(center, glm::vec2(0.5F, 0.42F) * size);
  canvas.fill(band, color);
  canvas.stroke(joined(band, Points{band.front()}), width * 0.8F, line);
}

bool has_bows(const HairBrush& brush) {
  return !brush.design().is_masculine && brush.design().hair.spikiness < 0.65F;
}

float wave_of(const HairBrush& brush, float most) {
  const float wave = brush.design().hair.wave;
  return wave < 0.45F ? 0 : (wave - 0.3F) * most;
}

void bob(HairBrush& brush) {
  paint_curtain(brush, {.end = std::min(216.0F, level(brush, 68)),
                        .middle = 80,
                        .width = 70,
                        .locks = 10,
                        .lock_width = 25,
                        .jitter = 6,
                        .curl = -12});
}

void flipped_bob(HairBrush& brush) {
  paint_curtain(brush, {.end = std::min(226.0F, level(brush, 76)),
                        .middle = 72,
                        .width = 78,
                        .locks = 9,
                        .lock_width = 25,
                        .jitter = 9,
                        .curl = 17});
}

void short_back(HairBrush& brush) {
  const float spikes = brush.design().hair.spikiness;
  paint_curtain(brush, {.end = level(brush, 38),
                        .middle = 69,
                        .width = 58,
                        .locks = 9,
                        .lock_width = 22,
                        .jitter = 9,
                        .curl = -6 + 18 * spikes});
}

void wolf(HairBrush& brush) {
  paint_curtain(brush, {.end = level(brush, 108),
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

void long_straight(HairBrush& brush) {
  paint_curtain(brush, {.end = level(brush, 230),
                        .middle = 80,
                        .width = 86,
                        .locks = 11,
                        .lock_width = 30,
                        .jitter = 26,
                        .curl = 3,
                        .wave = wave_of(brush, 5)});
}

void hime_back(HairBrush& brush) {
  paint_curtain(brush, {.end = level(brush, 255),
                        .middle = 80,
                        .width = 84,
                        .locks = 12,
                        .lock_width = 24,
                        .tip_width = 19,
                        .jitter = 3});
}

void wavy(HairBrush& brush) {
  paint_curtain(brush, {.end = level(brush, 200),
                        .middle = 88,
                        .width = 98,
                        .locks = 10,
                        .lock_width = 32,
                        .jitter = 24,
                        .curl = 6,
                        .wave = 5 + 5 * brush.design().hair.wave});
}

void twin_tails(HairBrush& brush) {
  paint_tied_skull(brush);
  const float root = 70 * brush.design().hair.volume + 5;
  const float end = level(brush, 215);
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

void ponytail(HairBrush& brush) {
  paint_tied_skull(brush);
  const float way = side_of(brush);
  const float end = level(brush, 190);
  paint_tail(brush, {{{256 + way * 26, 58},
                      {256 + way * 72, 46},
                      {256 + way * 103, 92},
                      {256 + way * 100, glm::mix(92.0F, end, 0.5F)},
                      {256 + way * 92, end}},
                     50,
                     wave_of(brush, 8)});
  paint_tie(brush, {256 + way * 49, 50}, 13, has_bows(brush));
}

void side_ponytail(HairBrush& brush) {
  paint_tied_skull(brush);
}

void side_ponytail_front(HairBrush& brush) {
  const float way = side_of(brush);
  const float end = level(brush, 150);
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

void low_twin_tails_front(HairBrush& brush) {
  const float end = level(brush, 150);
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

void low_twin_tails(HairBrush& brush) {
  paint_curtain(
      brush, {.end = 192, .middle = 74, .width = 60, .locks = 8, .lock_width = 26, .jitter = 5, .curl = -6});
}

void buns(HairBrush& brush) {
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
  paint_curtain(brush, {.end = std::min(205.0F, level(brush, 55)),
                        .middle = 74,
                        .width = 62,
                        .locks = 9,
                        .lock_width = 24,
                        .jitter = 6,
                        .curl = -8});
}

/// A ringlet: bows one below the other that get narrower.
void paint_ringlet(HairBrush& brush, glm::vec2 top, float end, float width, float side) {
  const int turns = std::max(4, static_cast<int>((end - top.y) / (width * 0.55F)));
  brush.set_tips(glm::mix(top.y, end, 0.4F), end);
  for (int i = turns - 1; i >= 0; --i) {
    const float along = static_cast<float>(i) / static_cast<float>(turns);
    const glm::vec2 center(top.x + side * 14 * std::sin(along * 2.2F), glm::mix(top.y, end, along));
    const float half = width * 0.5F * (1 - 0.75F * along * along);
    Lock turn;
    turn.spine = {
        center + glm::vec2(side * half, -half * 0.75F), center + glm::vec2(side * half * 0.75F, half * 0.3F),
        center + glm::vec2(-side * half * 0.4F, half * 0.75F), center + glm::vec2(-side * half, half * 0.2F)};
    turn.root_width = half * 0.8F;
    turn.belly_width = half * 1.75F;
    turn.tip_width = half * 0.5F;
    turn.outline_from = 0;
    turn.root_shade = 0.35F;
    turn.tip_shade = 0.7F;
    turn.strands = 3;
    brush.lock(turn);
  }
}

void drills(HairBrush& brush) {
  paint_tied_skull(brush);
  const float root = 70 * brush.design().hair.volume + 7;
  for (const float side : {-1.0F, 1.0F}) {
    paint_ringlet(brush, {256 + side * (root + 10), 118}, level(brush, 175),
                  44 * brush.design().hair.tail_volume, side);
    paint_tie(brush, {256 + side * root, 104}, 13, true);
  }
}

void braids(HairBrush& brush) {
  low_twin_tails(brush);
}

void braids_front(HairBrush& brush) {
  const float end = level(brush, 150);
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

}  // namespace

const std::vector<HairStyle>& back_hair_styles() {
  static const std::vector<HairStyle> styles{
      {"bob", bob},
      {"flipped_bob", flipped_bob},
      {"short", short_back},
      {"wolf", wolf},
      {"long", long_straight},
      {"hime", hime_back},
      {"wavy", wavy},
      {"twin_tails", twin_tails},
      {"low_twin_tails", low_twin_tails, low_twin_tails_front},
      {"ponytail", ponytail},
      {"side_ponytail", side_ponytail, side_ponytail_front},
      {"buns", buns},
      {"drills", drills},
      {"braids", braids, braids_front},
  };
  return styles;
}

}  // namespace tha4
