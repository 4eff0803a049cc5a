#include <algorithm>
#include <cmath>

#include "clothes.h"
#include "clothes_patterns.h"
#include "ornaments.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

namespace tha4::generator {

ClothesBrush::ClothesBrush(Canvas& canvas, const CharacterDesign& design, SeededRandom& random)
    : canvas_(&canvas),
      design_(&design),
      shape_(design.body),
      random_(&random),
      pattern_(&clothes_patterns().named(design.clothes.pattern)) {}

bool ClothesBrush::is_plain() const {
  return pattern_->paint == nullptr;
}
bool ClothesBrush::is_woven() const {
  return pattern_->is_woven;
}

Color ClothesBrush::line_of(const Color& color) const {
  const glm::vec3 hsl = to_hsl(color);
  Color dark = line_color_of(color);
  // White cloth has soft grey-violet lines, not brown ones.
  if (hsl.z > 0.85F) dark = mix(dark, Color{0.42F, 0.4F, 0.52F}, 0.6F);
  return design_->style.outline(mix(color, dark, std::min(1.0F, 0.25F + design_->style.line_darkness)),
                                shade_color(color));
}

Color ClothesBrush::shade_color(const Color& color) const {
  const float strength = design_->style.shade_strength;
  if (to_hsl(color).z > 0.85F)
    return mix(color, Color{0.76F, 0.77F, 0.88F}, 0.75F * std::min(1.2F, strength));
  return shade_of(color, 0.24F * strength);
}

void ClothesBrush::panel(const Points& loop, const Color& color, float edge, bool has_pattern) {
  canvas_->fill(loop, color);
  canvas_->clipped(loop, [&] {
    if (has_pattern) pattern_over(loop, color);
    const Color dark = with_alpha(shade_color(color), has_pattern ? 0.65F : 1.0F);
    if (edge > 0 && design_->style.shade_softness > 0.3F) {
      for (const float part : {1.5F, 1.0F, 0.5F}) {
        canvas_->fill_loops(std::vector<Points>{loop, shifted(loop, {-edge * part, -edge * 0.35F * part})},
                            with_alpha(dark, 0.42F));
      }
    } else if (edge > 0) {
      canvas_->fill_loops(std::vector<Points>{loop, shifted(loop, {-edge, -edge * 0.35F})}, dark);
    }
  });
  const float width = line_width();
  canvas_->line(closed(loop), LineWidth{width, width * 0.7F, width * 0.7F, 0.1F, 0.1F}, line_of(color));
}

void ClothesBrush::fold(const Points& path, const Color& color, float width) {
  const Points smooth = smooth_curve(path);
  canvas_->line(smooth, LineWidth{width, width * 0.5F, 0, 0.15F, 0.85F},
                with_alpha(shade_color(color), 0.95F));
  const Points part = resampled(smooth, 20);
  canvas_->line(Points(part.begin(), part.begin() + 14),
                LineWidth{line_width() * 0.8F, line_width() * 0.5F, 0, 0.1F, 0.8F},
                with_alpha(line_of(color), 0.8F));
}

void ClothesBrush::shadow(const Points& within, const Points& loop, const Color& color) {
  canvas_->clipped(within, [&] { canvas_->fill(loop, with_alpha(shade_color(color), 0.95F)); });
}

void ClothesBrush::seam(const Points& path, const Color& color, float width) {
  canvas_->line(path,
                LineWidth{line_width() * width, line_width() * width * 0.5F, line_width() * width * 0.5F},
                line_of(color));
}

void ClothesBrush::trim(const Points& path, float width, const Color& color) {
  canvas_->stroke(path, width, color);
}

void ClothesBrush::button(glm::vec2 center, float radius, const Color& color) {
  const Points rim = ellipse(center, {radius, radius});
  canvas_->fill(rim, color);
  canvas_->fill(ellipse(center - glm::vec2(radius * 0.25F), {radius * 0.4F, radius * 0.4F}),
                light_of(color, 0.5F));
  canvas_->stroke(closed(rim), line_width() * 0.65F, line_of(color));
}

void ClothesBrush::bow(glm::vec2 center, float size, const Color& color, bool has_tails) {
  OrnamentBrush(*canvas_, design_->style).bow(center, size, color, has_tails);
}

void ClothesBrush::neck_tie(glm::vec2 knot, float length, const Color& color) {
  const auto point = [&](float x, float y) { return knot + glm::vec2(x, y); };
  const Points blade{point(-4, 6), point(4, 6), point(9, length - 8), point(0.5F, length),
                     point(-8, length - 8)};
  panel(blade, color, 3);
  canvas_->clipped(blade, [&] {
    for (float y = 16; y < length; y += 14) {
      canvas_->stroke(Points{point(-12, y + 5), point(12, y - 5)}, 2.4F,
                      with_alpha(light_of(color, 0.55F), 0.8F));
    }
  });
  seam(closed(blade), color);
  panel(Points{point(-6, -4), point(6, -4), point(4, 7), point(-4, 7)}, light_of(color, 0.05F), 2);
}

Points ClothesBrush::bodice(const Color& color, float hem, float neck_depth, float neck_wide, bool is_v,
                            bool has_pattern, float ease) {
  const Points whole = shape_.torso(hem, ease);
  const float wide = shape_.neck + neck_wide;
  const float bottom = 212 + neck_depth;
  const float high = 213 - ease;
  const Points neckline = is_v ? Points{beside(-1, wide, high), {256, bottom}, beside(1, wide, high)}
                               : smooth_curve(Points{beside(-1, wide, high),
                                                     beside(-1, wide * 0.62F, bottom - 4),
                                                     {256, bottom},
                                                     beside(1, wide * 0.62F, bottom - 4),
                                                     beside(1, wide, high)});
  // What lies inside the neckline is left open.
  const auto keep = [&](glm::vec2 point) { return point.y >= high && std::abs(point.x - 256) >= wide; };
  Points right = shape_.torso_side(1, hem, ease);
  Points left = shape_.torso_side(-1, hem, ease);
  std::erase_if(right, [&](glm::vec2 point) { return !keep(point); });
  std::erase_if(left, [&](glm::vec2 point) { return !keep(point); });
  const Points lower = smooth_curve(Points{right.back(), {256, right.back().y + 4}, left.back()});
  const Points loop = joined(joined(joined(neckline, right), lower), reversed(left));
  panel(loop, color, 9, has_pattern);
  // Under the arms, below the bust, and where the waist gathers it.
  canvas_->clipped(loop, [&] {
    for (const float side : {-1.0F, 1.0F}) {
      const float a = shape_.armpit;
      fold({beside(side, a + 2, 266), beside(side, a - 9, 276), beside(side, a - 24, 281)}, color, 5);
      fold({beside(side, a + 1, 274), beside(side, a - 8, 290), beside(side, a - 15, 302)}, color, 3.5F);
      fold({beside(side, shape_.waist + 2, 342), beside(side, shape_.waist - 10, 338),
            beside(side, shape_.waist - 22, 339)},
           color, 4.5F);
      fold({beside(side, shape_.waist + 1, 332), beside(side, shape_.waist - 8, 326),
            beside(side, shape_.waist - 14, 318)},
           color, 3);
      if (shape_.bust > 0.25F) {
        const float low = 287 + shape_.bust * 5;
        fold({beside(side, 7, low - 3), beside(side, 20, low + 2), beside(side, 36, low - 4),
              beside(side, 42, low - 14)},
             color, 2 + shape_.bust * 3);
      }
    }
    fold({beside(1, 12, 372), beside(1, 16, 352), beside(1, 14, 335)}, color, 3);
    fold({beside(-1, 22, 378), beside(-1, 18, 360), beside(-1, 20, 344)}, color, 2.5F);
  });
  return loop;
}

void ClothesBrush::sleeves(const Color& color, float reach, float width, float cuff, const Color& cuff_color,
                           bool has_pattern) {
  sleeve_ = {color, reach, width, cuff, cuff_color, has_pattern};
  const float loose = clothes().sleeve_width;
  for (const float side : {-1.0F, 1.0F}) {
    const bool is_raised = shape_.is_raised(side);
    const Points middle = resampled(shape_.arm(side), 40);
    const float here = is_raised ? 2 * reach : reach;
    const auto count = static_cast<std::size_t>(std::clamp(std::lround(40 * here), 6L, 40L));
    Points outer;
    Points inner;
    for (std::size_t i = 0; i < count; ++i) {
      const float along = static_cast<float>(i) / 39;
      const glm::vec2 way =
          glm::normalize(middle[std::min<std::size_t>(i + 1, 39)] - middle[i == 0 ? 0 : i - 1]);
      const glm::vec2 out = glm::vec2(way.y, -way.x) * (side > 0 ? 1.0F : -1.0F);
      const float half =
          glm::mix(15.5F, glm::mix(12.5F, 11.5F, along) * loose * width, glm::smoothstep(0.0F, 0.35F, along));
      outer.push_back(middle[i] + out * half);
      inner.push_back(middle[i] - out * half);
    }
    const glm::vec2 shoulder = beside(side, shape_.shoulder - 17, 226.5F);
    const Points cap = smooth_curve(Points{shoulder, beside(side, shape_.shoulder - 3, 233), outer[2]});
    Points down = joined(cap, Points(outer.begin() + 3, outer.end()));
    Points up = reversed(Points(inner.begin() + 8, inner.end()));
    const glm::vec2 end = (outer.back() + inner.back()) * 0.5F + glm::vec2(0, 3);
    const Points opening = smooth_curve(Points{outer.back(), end, inner.back()});
    const Points loop = joined(joined(down, opening), up);
    canvas_->fill(loop, color);
    canvas_->clipped(loop, [&] {
      if (has_pattern) pattern_over(loop, color);
      const Color dark = with_alpha(shade_color(color), has_pattern ? 0.65F : 1.0F);
      canvas_->fill_loops(std::vector<Points>{loop, shifted(loop, {side > 0 ? -8.0F : -6.0F, -2})}, dark);
      if (has_pattern) return;
      canvas_->fill(ellipse(beside(side, shape_.shoulder - 10, 236), {13, 13}), color);
    });
    const float w = line_width();
    canvas_->line(joined(down, opening), LineWidth{w, w * 0.3F, w * 0.8F, 0.2F, 0.05F}, line_of(color));
    canvas_->line(up, LineWidth{w, w * 0.8F, 0, 0.05F, 0.35F}, line_of(color));
    canvas_->clipped(loop, [&] {
      if (count > 20) {
        // Creases at the elbow.
        const glm::vec2 elbow = middle[19];
        fold({elbow + glm::vec2(-side * 13, 2), elbow + glm::vec2(-side * 3, 4),
              elbow + glm::vec2(side * 6, 1)},
             color, 4.5F);
        fold({elbow + glm::vec2(-side * 13, -6), elbow + glm::vec2(-side * 4, -9),
              elbow + glm::vec2(side * 3, -16)},
             color, 3);
        fold({elbow + glm::vec2(side * 13, 10), elbow + glm::vec2(side * 4, 15),
              elbow + glm::vec2(-side * 4, 15)},
             color, 3.5F);
      }
      const glm::vec2 low = middle[count - 1];
      fold(
          {low + glm::vec2(-side * 12, -14), low + glm::vec2(-side * 2, -10), low + glm::vec2(side * 7, -13)},
          color, 4);
      fold({low + glm::vec2(side * 13, -24), low + glm::vec2(side * 4, -20), low + glm::vec2(-side * 3, -22)},
           color, 3);
    });
    if (cuff > 0 && (!is_raised || here < 1)) {
      const std::size_t from =
          count - std::min<std::size_t>(count - 3, static_cast<std::size_t>(std::max(2.0F, cuff / 4.2F)));
      Points band(outer.begin() + static_cast<std::ptrdiff_t>(from), outer.end());
      for (glm::vec2& point : band) point.x += side * 0.8F;
      Points back = reversed(Points(inner.begin() + static_cast<std::ptrdiff_t>(from), inner.end()));
      for (glm::vec2& point : back) point.x -= side * 0.8F;
      const glm::vec2 upper = (outer[from] + inner[from]) * 0.5F + glm::vec2(0, 3);
      panel(
          joined(joined(joined(band, opening), back), smooth_curve(Points{inner[from], upper, outer[from]})),
          cuff_color, 4);
    }
  }
}

void ClothesBrush::skirt(const Color& color, float top, float hem, float flare, int pleats,
                         bool has_pattern) {
  const float upper = glm::mix(shape_.waist, shape_.hip, std::clamp((top - 340) / 60, 0.0F, 1.0F)) + 3;
  const float lower = shape_.hip + flare;
  const auto waist_point = [&](float u) { return glm::vec2(256 + u * upper, top + 4 * (1 - u * u)); };
  const auto hem_point = [&](float u) { return glm::vec2(256 + u * lower, hem + 9 * (1 - u * u)); };
  Points edge;
  const int waves = std::max(5, pleats);
  for (int i = 0; i <= waves * 4; ++i) {
    const float u = 1 - 2 * static_cast<float>(i) / static_cast<float>(waves * 4);
    const float ripple = i % 4 < 2 ? 0.0F : 3.2F;
    edge.push_back(hem_point(u) + glm::vec2(0, pleats > 0 ? ripple : 1.6F * std::sin(u * 14)));
  }
  const Points right = smooth_curve(
      Points{waist_point(1), glm::mix(waist_point(1), hem_point(1), 0.5F) + glm::vec2(flare * 0.16F, 0),
             hem_point(1)});
  const Points left = smooth_curve(
      Points{hem_point(-1), glm::mix(waist_point(-1), hem_point(-1), 0.5F) - glm::vec2(flare * 0.16F, 0),
             waist_point(-1)});
  const Points loop = joined(joined(joined(right, edge), left),
                             smooth_curve(Points{waist_point(-1), waist_point(0), waist_point(1)}));
  panel(loop, color, 10, has_pattern);
  canvas_->clipped(loop, [&] {
    const int folds = pleats > 0 ? pleats : 6;
    for (int i = 0; i <= folds; ++i) {
      const float u = (static_cast<float>(i) + (pleats > 0 ? 0.5F : random_->uniform(0.2F, 0.8F))) /
                          static_cast<float>(folds) * 2 -
                      1;
      if (pleats > 0) {
        const float wide = 0.55F / static_cast<float>(folds);
        canvas_->fill(Points{waist_point(u), waist_point(u + wide * 0.4F),
                             hem_point(u + wide * 1.2F) + glm::vec2(0, 6), hem_point(u) + glm::vec2(0, 6)},
                      with_alpha(shade_color(color), 0.85F));
        seam(Points{waist_point(u), hem_point(u) + glm::vec2(0, 4)}, color, 0.8F);
      } else {
        fold({hem_point(u) + glm::vec2(0, 8), glm::mix(hem_point(u), waist_point(u * 0.95F), 0.4F),
              glm::mix(hem_point(u), waist_point(u * 0.9F), random_->uniform(0.6F, 0.9F))},
             color, 7);
      }
    }
    canvas_->fill(smooth_loop(Points{waist_point(-1.1F), waist_point(0) + glm::vec2(0, -3), waist_point(1.1F),
                                     waist_point(1) + glm::vec2(0, 7), waist_point(0) + glm::vec2(0, 5),
                                     waist_point(-1) + glm::vec2(0, 4)}),
                  with_alpha(shade_color(color), 0.9F));
  });
}

void ClothesBrush::trousers(const Color& color, float top, float end) {
  const float hip = shape_.hip + 2;
  for (const float side : {-1.0F, 1.0F}) {
    const Points outer =
        smooth_curve(Points{beside(side, glm::mix(shape_.waist, hip, 0.6F), top), beside(side, hip, 405),
                            beside(side, hip + 2, 450), beside(side, hip + 1, end)});
    const Points loop = joined(outer, Points{beside(side, hip - 20, end + 3),
                                             beside(side, 3, end),
                                             beside(side, 1.5F, 452),
                                             {256, 440},
                                             {256, top + 4}});
    panel(loop, color, 7);
    canvas_->clipped(loop, [&] {
      fold({beside(side, 2, 441), beside(side, 16, 433), beside(side, 30, 430)}, color, 4.5F);
      fold({beside(side, 3, 449), beside(side, 14, 452), beside(side, 24, 462)}, color, 3.5F);
      fold({beside(side, hip, 418), beside(side, hip - 10, 424), beside(side, hip - 20, 423)}, color, 3);
      fold({beside(side, hip + 2, 490), beside(side, hip - 14, 496), beside(side, hip - 22, 506)}, color, 4);
    });
  }
}

void ClothesBrush::usual_bottom(const Color& color, float top, bool has_pattern) {
  if (design_->is_masculine) {
    trousers(color, top, 548);
    return;
  }
  const float hem = 452 + 36 * clothes().hem;
  const int pleats = clothes().is_mirrored ? 9 : 0;
  skirt(color, top, hem, 17 + 8 * clothes().hem, pleats, has_pattern);
}

void ClothesBrush::frill(const Points& path, float depth, const Color& color) {
  const int count = std::max(3, static_cast<int>(length_of(path) / (depth * 0.85F)));
  const Points even = resampled(path, count * 4 + 1);
  Points edge;
  for (std::size_t i = 0; i < even.size(); ++i) {
    const glm::vec2 way = even[std::min(i + 1, even.size() - 1)] - even[i == 0 ? 0 : i - 1];
    const glm::vec2 side = glm::vec2(-way.y, way.x) / std::max(0.01F, glm::length(way));
    const float wave = 0.82F + 0.18F * std::cos(static_cast<float>(i) * 1.5708F);
    edge.push_back(even[i] + side * depth * wave);
  }
  panel(joined(even, reversed(smooth_curve(edge))), color, 2);
  for (std::size_t i = 2; i + 2 < even.size(); i += 4) {
    fold({even[i], glm::mix(even[i], edge[i], 0.5F), glm::mix(even[i], edge[i], 0.9F)}, color, 2.2F);
  }
}

void ClothesBrush::pattern_over(const Points& loop, const Color& color) {
  if (is_plain()) return;
  glm::vec2 min(1e6F);
  glm::vec2 max(-1e6F);
  for (const glm::vec2& point : loop) {
    min = glm::min(min, point);
    max = glm::max(max, point);
  }
  const Color other = glm::abs(to_hsl(color).z - to_hsl(clothes().accent).z) > 0.2F ? clothes().accent
                                                                                    : light_of(color, 0.5F);
  pattern_->paint({canvas_, min, max, color, other});
}

}  // namespace tha4::generator
