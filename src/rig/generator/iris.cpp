#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "face_parts.h"
#include "kinds.h"

namespace tha4::generator {
namespace {

constexpr float kTau = 2 * std::numbers::pi_v<float>;

/// The iris on its canvas.
struct Disc {
  glm::vec2 center;
  glm::vec2 radii;
  [[nodiscard]] glm::vec2 at(float x, float y) const { return center + radii * glm::vec2(x, y); }
  [[nodiscard]] Points ring(float fraction) const { return ellipse(center, radii * fraction); }
};

Points star(const Disc& disc, int points, float outer, float inner) {
  Points loop;
  for (int i = 0; i < 2 * points; ++i) {
    const float angle = kTau * (static_cast<float>(i) / static_cast<float>(2 * points) - 0.25F);
    const float fraction = i % 2 == 0 ? outer : inner;
    loop.push_back(disc.at(fraction * std::cos(angle), fraction * std::sin(angle)));
  }
  return loop;
}

Points heart(const Disc& disc, float size) {
  const auto at = [&](float x, float y) { return disc.at(x * size, y * size); };
  const Points right = joined(bezier(at(0, -0.35F), at(0.25F, -0.95F), at(1.05F, -0.75F), at(0.95F, -0.1F)),
                              bezier(at(0.95F, -0.1F), at(0.85F, 0.4F), at(0.3F, 0.65F), at(0, 1)));
  return joined(right, reversed(mirrored(right, disc.center.x)));
}

/// Thin wedges from the pupil outwards, longer ones below.
void paint_rays(Canvas& canvas, const Disc& disc, const Color& color, int count, float inner, float outer) {
  for (int i = 0; i < count; ++i) {
    const float angle = kTau * (static_cast<float>(i) + 0.5F) / static_cast<float>(count);
    const float reach = outer * (i % 2 == 0 ? 1.0F : 0.86F);
    const float half = 0.32F * kTau / static_cast<float>(count);
    canvas.fill(Points{disc.at(inner * std::cos(angle - half * 0.4F), inner * std::sin(angle - half * 0.4F)),
                       disc.at(reach * std::cos(angle - half), reach * std::sin(angle - half)),
                       disc.at(reach * 1.03F * std::cos(angle), reach * 1.03F * std::sin(angle)),
                       disc.at(reach * std::cos(angle + half), reach * std::sin(angle + half)),
                       disc.at(inner * std::cos(angle + half * 0.4F), inner * std::sin(angle + half * 0.4F))},
                color);
  }
}

/// What one part of an iris is painted with.
struct IrisColors {
  Color light;
  Color pupil;
};

void paint_round_pupil(Canvas& canvas, const Disc& disc, const IrisColors& colors) {
  canvas.fill_softly(disc.ring(0.42F), with_alpha(colors.pupil, 0.75F), 0.8F);
  canvas.fill(disc.ring(0.36F), colors.pupil);
}

void paint_star_pupil(Canvas& canvas, const Disc& disc, const IrisColors& colors) {
  canvas.fill(star(disc, 5, 0.66F, 0.34F), with_alpha(colors.light, 0.55F));
  canvas.fill(star(disc, 5, 0.5F, 0.25F), colors.pupil);
}

void paint_heart_pupil(Canvas& canvas, const Disc& disc, const IrisColors& colors) {
  canvas.fill(heart(disc, 0.6F), with_alpha(colors.light, 0.55F));
  canvas.fill(heart(disc, 0.46F), colors.pupil);
}

void paint_slit_pupil(Canvas& canvas, const Disc& disc, const IrisColors& colors) {
  const Points right =
      bezier(disc.at(0, -0.68F), disc.at(0.28F, -0.3F), disc.at(0.28F, 0.3F), disc.at(0, 0.68F));
  canvas.fill(joined(right, reversed(mirrored(right, disc.center.x))), colors.pupil);
}

void paint_flower_pupil(Canvas& canvas, const Disc& disc, const IrisColors& colors) {
  for (int i = 0; i < 6; ++i) {
    const float angle = kTau * (static_cast<float>(i) / 6 - 0.25F);
    canvas.fill(ellipse(disc.at(0.3F * std::cos(angle), 0.3F * std::sin(angle)), disc.radii * 0.17F),
                with_alpha(colors.light, 0.7F));
  }
  canvas.fill(disc.ring(0.25F), colors.pupil);
}

void paint_broad_rays(Canvas& canvas, const Disc& disc, const IrisColors& colors) {
  paint_rays(canvas, disc, with_alpha(colors.light, 0.5F), 18, 0.4F, 0.82F);
}

void paint_thin_rays(Canvas& canvas, const Disc& disc, const IrisColors& colors) {
  paint_rays(canvas, disc, with_alpha(colors.light, 0.35F), 24, 0.45F, 0.84F);
}

void paint_ring(Canvas& canvas, const Disc& disc, const IrisColors& colors) {
  const std::vector<Points> ring = {disc.ring(0.68F), disc.ring(0.56F)};
  canvas.fill_loops(ring, with_alpha(colors.light, 0.75F));
}

void paint_lower_half(Canvas& canvas, const Disc& disc, const IrisColors& colors) {
  canvas.fill(
      joined(bezier(disc.at(-1, 0.12F), disc.at(-0.4F, 0.32F), disc.at(0.4F, 0.32F), disc.at(1, 0.12F)),
             Points{disc.at(1, 1), disc.at(-1, 1)}),
      with_alpha(colors.light, 0.7F));
}

using IrisPainter = void (*)(Canvas&, const Disc&, const IrisColors&);

struct IrisPattern {
  std::string_view name;
  IrisPainter paint_pupil = paint_round_pupil;
  IrisPainter paint_around = nullptr;  ///< between the pupil and the rim
};

constexpr auto kIrisPatternRows = std::to_array<IrisPattern>({
    {.name = "gradient"},
    {.name = "radial", .paint_around = paint_broad_rays},
    {.name = "ring", .paint_around = paint_ring},
    {.name = "two_tone", .paint_around = paint_lower_half},
    {.name = "star", .paint_pupil = paint_star_pupil},
    {.name = "heart", .paint_pupil = paint_heart_pupil},
    {.name = "slit", .paint_pupil = paint_slit_pupil, .paint_around = paint_thin_rays},
    {.name = "flower", .paint_pupil = paint_flower_pupil, .paint_around = paint_thin_rays},
});
constexpr Kinds<IrisPattern> kIrisPatterns{"iris pattern", kIrisPatternRows};

}  // namespace

KindNames iris_patterns() {
  return kIrisPatterns.names();
}

void paint_iris(Canvas& canvas, const CharacterDesign& design, const FaceDesign::Iris& colors) {
  const IrisPattern& pattern = kIrisPatterns.named(design.face.iris_pattern);
  const DrawingStyle& style = design.style;
  const Disc disc{canvas.corner() + canvas.size() / 2.0F, canvas.size() / 2.0F - 1.0F};
  const Color deep = mix(shade_of(colors.dark, 0.3F), Color{0.06F, 0.04F, 0.1F}, 0.25F);
  const IrisColors iris{colors.light, mix(shade_of(colors.dark, 0.45F), Color{0.05F, 0.03F, 0.09F}, 0.35F)};
  canvas.fill(disc.ring(1), deep);
  canvas.clipped(disc.ring(1), [&] {
    // Light falls through the eye: dark under the lid, glowing at the far end.
    canvas.fill(disc.ring(0.92F), LinearGradient{disc.at(0, -1),
                                                 disc.at(0, 1),
                                                 {{0, colors.dark},
                                                  {0.3F, mix(colors.dark, colors.base, 0.35F)},
                                                  {0.58F, colors.base},
                                                  {0.82F, mix(colors.base, colors.light, 0.6F)},
                                                  {1, colors.light}}});
    if (pattern.paint_around != nullptr) pattern.paint_around(canvas, disc, iris);
    // A bowl of light at the bottom.
    canvas.fill_softly(ellipse(disc.at(0, 0.62F), disc.radii * glm::vec2(0.56F, 0.24F)),
                       with_alpha(light_of(colors.light, 0.35F), 0.75F), 1.4F);
    canvas.fill_softly(ellipse(disc.at(0.5F, -0.1F), disc.radii * glm::vec2(0.26F, 0.16F), 24),
                       with_alpha(light_of(colors.base, 0.5F), 0.35F), 1.2F);
    // A little above the middle.
    pattern.paint_pupil(canvas, {disc.center + glm::vec2(0, -disc.radii.y * 0.06F), disc.radii}, iris);
    // The lid's shadow: crisp where the style is, soft elsewhere.
    canvas.fill_softly(joined(bezier(disc.at(-1.1F, -0.02F), disc.at(-0.45F, -0.42F), disc.at(0.45F, -0.42F),
                                     disc.at(1.1F, -0.02F)),
                              Points{disc.at(1.1F, -1.2F), disc.at(-1.1F, -1.2F)}),
                       with_alpha(deep, 0.62F), 1.0F + 5 * style.shade_softness);
    // The rim, thicker above.
    const std::vector<Points> rim = {ellipse(disc.center, disc.radii * 1.1F),
                                     ellipse(disc.at(0, 0.025F), disc.radii * glm::vec2(0.9F, 0.93F))};
    canvas.fill_loops(rim, deep);
  });
}

}  // namespace tha4::generator
