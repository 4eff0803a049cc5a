#include "hair_brush.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <glm/common.hpp>
#include <glm/geometric.hpp>

namespace tha4::generator {
namespace {

constexpr int kSpinePoints = 40;

float width_along(const Lock& lock, float along) {
  if (along < lock.belly_at) {
    const float t = glm::smoothstep(0.0F, 1.0F, along / lock.belly_at);
    return glm::mix(lock.root_width, lock.belly_width, t);
  }
  const float t = (along - lock.belly_at) / (1 - lock.belly_at);
  return glm::mix(lock.belly_width, lock.tip_width, std::pow(t, 1.7F));
}

float gradient_fraction(float along, bool /*is_behind*/) {
  return glm::smoothstep(0.0F, 1.0F, along) * 0.95F;
}

float dipped_fraction(float along, bool /*is_behind*/) {
  return glm::smoothstep(0.62F, 0.74F, along);
}

float inner_fraction(float /*along*/, bool is_behind) {
  return is_behind ? 0.85F : 0.0F;
}

}  // namespace

struct HairColorScheme {
  std::string_view name;
  /// How much of the accent colour there is, by the height: 0 where tips begin, 1 at their ends.
  float (*accent_fraction)(float along, bool is_behind) = nullptr;
  bool has_streaks = false;
};

namespace {

constexpr auto kColorSchemeRows = std::to_array<HairColorScheme>({
    {.name = "plain"},
    {.name = "gradient", .accent_fraction = gradient_fraction},
    {.name = "inner", .accent_fraction = inner_fraction},
    {.name = "streaks", .has_streaks = true},
    {.name = "dipped", .accent_fraction = dipped_fraction},
});
constexpr Kinds<HairColorScheme> kColorSchemes{"colour scheme of hair", kColorSchemeRows};

}  // namespace

KindNames hair_color_schemes() {
  return kColorSchemes.names();
}

LockFrame::LockFrame(const Lock& lock) : spine(resampled(smooth_curve(lock.spine), kSpinePoints)) {
  for (int i = 0; i < kSpinePoints; ++i) {
    const glm::vec2 way = spine[static_cast<std::size_t>(std::min(i + 1, kSpinePoints - 1))] -
                          spine[static_cast<std::size_t>(std::max(i - 1, 0))];
    const float size = std::max(1e-3F, glm::length(way));
    normals.emplace_back(way.y / size, -way.x / size);
    half_widths.push_back(width_along(lock, static_cast<float>(i) / (kSpinePoints - 1)) / 2);
  }
}

glm::vec2 LockFrame::at(float along, float side) const {
  const float place = std::clamp(along, 0.0F, 1.0F) * (kSpinePoints - 1);
  const auto i = static_cast<std::size_t>(std::min(place, kSpinePoints - 1.001F));
  const float fraction = place - static_cast<float>(i);
  return glm::mix(spine[i], spine[i + 1], fraction) +
         glm::mix(normals[i], normals[i + 1], fraction) *
             glm::mix(half_widths[i], half_widths[i + 1], fraction) * side;
}

Points LockFrame::row(float from, float to, float side) const {
  Points points;
  constexpr int kCount = 24;
  for (int i = 0; i <= kCount; ++i)
    points.push_back(at(glm::mix(from, to, static_cast<float>(i) / kCount), side));
  return points;
}

Points LockFrame::outline() const {
  return joined(row(0, 1, 1), reversed(row(0, 1, -1)));
}

HairBrush::HairBrush(Canvas& canvas, const CharacterDesign& design, SeededRandom& random)
    : canvas_(&canvas),
      design_(&design),
      random_(&random),
      scheme_(&kColorSchemes.named(design.hair.color_scheme)) {}

bool HairBrush::picks_streak(float probability) {
  return scheme_->has_streaks && random_->chance(probability);
}

void HairBrush::set_tips(float from, float to) {
  tips_from_ = from;
  tips_to_ = to;
}

Color HairBrush::base() const {
  return mix(design_->hair.base, design_->hair.shade, behind_);
}
Color HairBrush::shade() const {
  return mix(design_->hair.shade, shade_of(design_->hair.shade, 0.3F), behind_);
}
Color HairBrush::line() const {
  const HairDesign& hair = design_->hair;
  return design_->style.outline(
      mix(hair.shade, hair.line, std::min(1.0F, design_->style.line_darkness * 1.15F)), hair.shade);
}

Color HairBrush::color_at(float y, float shading, bool is_streak) const {
  Color light = base();
  Color dark = shade();
  float accent = is_streak ? 1 : 0;
  if (scheme_->accent_fraction != nullptr) {
    const float along = (y - tips_from_) / (tips_to_ - tips_from_);
    accent = std::max(accent, scheme_->accent_fraction(along, behind_ > 0));
  }
  if (accent > 0) {
    const Color tip = mix(design_->hair.accent, shade_of(design_->hair.accent, 0.35F), behind_);
    light = mix(light, tip, accent);
    dark = mix(dark, shade_of(tip, 0.32F), accent);
  }
  return mix(light, dark, shading * std::min(1.0F, design_->style.shade_strength));
}

Paint HairBrush::lock_paint(const Lock& lock, const Points& spine) const {
  LinearGradient gradient{spine.front(), spine.back(), {}};
  constexpr int kStops = 8;
  for (int i = 0; i <= kStops; ++i) {
    const float along = static_cast<float>(i) / kStops;
    const float root = lock.root_shade * (1 - glm::smoothstep(0.0F, 0.45F, along));
    const float tip = lock.tip_shade * glm::smoothstep(0.5F, 1.0F, along);
    const glm::vec2 point = point_at(spine, along);
    gradient.stops.push_back({along, color_at(point.y, std::clamp(root + tip, 0.0F, 1.0F), lock.is_streak)});
  }
  return gradient;
}

void HairBrush::lock(const Lock& lock) {
  const LockFrame frame(lock);
  const Points outline = frame.outline();
  const DrawingStyle& style = design_->style;
  if (lock.shadow > 0) {
    const glm::vec2 drop(1.4F, 2.6F);
    const Color dark = with_alpha(shade(), lock.shadow * 0.6F);
    canvas_->atop([&] {
      canvas_->fill(shifted(outline, drop), dark);
      if (style.shade_softness > 0.3F)
        canvas_->fill(shifted(outline, drop * 1.9F), with_alpha(shade(), lock.shadow * 0.3F));
    });
  }
  canvas_->fill(outline, lock_paint(lock, frame.spine));
  outlines_.push_back(outline);
  locks_.push_back(frame);
  canvas_->clipped(outline, [&] {
    // The side away from the light, which comes from the upper left; its edge wavers along the lock.
    const glm::vec2 middle_normal = frame.normals[kSpinePoints / 2];
    const float away = middle_normal.x * 0.8F + middle_normal.y * 0.6F > 0 ? 1.0F : -1.0F;
    const int layers = style.shade_softness > 0.3F ? 3 : 1;
    for (int layer = 0; layer < layers; ++layer) {
      const float reach = random_->uniform(0.12F, 0.4F) + 0.16F * static_cast<float>(layer);
      Points inner;
      for (int i = 0; i <= 24; ++i) {
        const float along = 0.12F + 0.88F * static_cast<float>(i) / 24;
        const float sway = std::sin(along * 3.1416F);
        inner.push_back(frame.at(along, away * (1.15F - (1.15F - reach) * sway)));
      }
      const Points side = joined(inner, reversed(frame.row(0.12F, 1, away * 1.2F)));
      const float y = point_at(frame.spine, 0.6F).y;
      const float alpha = 0.85F * std::min(1.0F, style.shade_strength) / static_cast<float>(layers);
      canvas_->fill(side, with_alpha(color_at(y, 1, lock.is_streak), alpha));
    }
    // Painters draw more of them.
    const int strands =
        lock.strands + (lock.strands > 0 ? static_cast<int>(std::lround(3 * style.painting.strength)) : 0);
    for (int i = 0; i < strands; ++i) {
      const float side = random_->uniform(-0.6F, 0.6F);
      const float from = random_->uniform(0.25F, 0.6F);
      const float to = std::min(1.0F, from + random_->uniform(0.2F, 0.45F));
      const bool is_light = random_->chance(0.35F);
      const Color color = is_light ? with_alpha(design_->hair.light, 0.5F * (1 - behind_))
                                   : with_alpha(mix(shade(), line(), 0.4F), 0.75F);
      canvas_->line(frame.row(from, to, side),
                    LineWidth{is_light ? 1.2F : style.line_width * 0.7F, 0, 0, 0.5F, 0.5F}, color);
    }
  });
  const float width = style.line_width * (1 - 0.25F * behind_);
  for (const float side : {1.0F, -1.0F}) {
    const float from = std::min(0.9F, lock.outline_from + random_->uniform(0, 0.08F));
    canvas_->line(frame.row(from, 1, side), LineWidth{width, 0, width * 0.55F, 0.5F, 0.3F}, line());
  }
}

void HairBrush::mass(const Points& loop, const Points& outlined, float shade_from, float shade_to,
                     float shade) {
  LinearGradient gradient{{256, shade_from}, {256, shade_to}, {}};
  constexpr int kStops = 8;
  for (int i = 0; i <= kStops; ++i) {
    const float at = static_cast<float>(i) / kStops;
    gradient.stops.push_back({at, color_at(glm::mix(shade_from, shade_to, at), at * shade, false)});
  }
  canvas_->fill(loop, gradient);
  outlines_.push_back(loop);
  if (outlined.size() > 1) {
    const float width = design_->style.line_width * 1.1F;
    canvas_->line(outlined, LineWidth{width, width * 0.4F, width * 0.4F, 0.2F, 0.2F}, line());
  }
}

void HairBrush::crease(const Points& path, float width) {
  canvas_->line(path, LineWidth{width, 0, 0, 0.6F, 0.4F}, with_alpha(mix(shade(), line(), 0.55F), 0.85F));
}

void HairBrush::highlight_band(glm::vec2 root, float left, float right,
                               const std::function<float(float)>& band_at, float height,
                               const Points& within) {
  const float strength = design_->style.highlight;
  const Color color = with_alpha(mix(design_->hair.light, Color{1, 1, 1}, 0.15F), 0.55F + 0.4F * strength);
  const Color glow = with_alpha(design_->hair.light, 0.32F * strength);
  canvas_->clipped(within, [&] {
    float x = left;
    float run = random_->uniform(0.5F, 1.2F);  // neighbours change their height together
    while (x < right) {
      const float step = random_->uniform(2.2F, 4.4F);
      run = std::clamp(run + random_->jitter(0.7F), 0.25F, 1.25F);
      const bool is_gap = random_->chance(0.12F);
      if (!is_gap) {
        const float y = band_at(x);
        const glm::vec2 way = glm::normalize(glm::vec2((x - root.x) * 1.1F, std::max(10.0F, y - root.y)));
        const glm::vec2 middle(x, y + random_->jitter(1.5F));
        const float half = height * 0.5F * run;
        const Points spindle = smooth_curve(Points{
            middle - way * half, middle + glm::vec2(random_->jitter(0.4F), 0), middle + way * half * 1.15F});
        canvas_->line(spindle, LineWidth{step * 1.9F, 0, 0, 0.5F, 0.5F}, glow);
        canvas_->line(spindle, LineWidth{step * 1.3F, 0, 0, 0.45F, 0.55F}, color);
      }
      x += step;
    }
  });
}

}  // namespace tha4::generator
