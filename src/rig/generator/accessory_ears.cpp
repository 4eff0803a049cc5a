#include <array>

#include "accessory_kinds.h"
#include "hair.h"
#include <glm/common.hpp>

namespace tha4::generator {
namespace {

/// An animal's ear, its foot on the hair.
void paint_ears(const AccessoryBrush& brush, const Points& outer, const Points& inner, const Color& inside,
                bool has_tuft) {
  const HairDesign& hair = brush.design().hair;
  for (const float side : {-1.0F, 1.0F}) {
    const Points ear = smooth_curve(side > 0 ? outer : mirrored(outer));
    const Points hollow = smooth_curve(side > 0 ? inner : mirrored(inner));
    const Points shape = shifted(ear, {0, hair.top - 46});
    brush.ornament().shape(shape, hair.base, 5);
    const Points pit = shifted(hollow, {0, hair.top - 46});
    brush.canvas().fill(pit, inside);
    brush.canvas().clipped(pit, [&] {
      brush.canvas().fill_loops(std::vector<Points>{pit, shifted(pit, {-3, 3})}, shade_of(inside, 0.22F));
      if (!has_tuft) return;
      for (const float lean : {-6.0F, 0.0F, 6.0F}) {
        const glm::vec2 foot = (pit.front() + pit.back()) * 0.5F + glm::vec2(lean * 1.3F, 4);
        brush.canvas().line(smooth_curve(Points{foot, foot + glm::vec2(lean * 0.4F, -10),
                                                foot + glm::vec2(lean * 0.3F + side * 3, -20)}),
                            LineWidth{6, 6, 0, 0, 0.9F}, mix(hair.light, Color{1, 1, 1}, 0.4F));
      }
    });
    brush.ornament().line(pit, inside, 0.8F);
    // Tufts of hair cover where the ear grows out.
    const glm::vec2 from = shape.front();
    const glm::vec2 to = shape.back();
    constexpr int kTufts = 5;
    for (int i = 0; i < kTufts; ++i) {
      const float along = (static_cast<float>(i) + 0.5F) / kTufts;
      const glm::vec2 foot = glm::mix(from, to, along);
      const glm::vec2 tip =
          foot + glm::vec2(side * (1 + 3 * along), -7.0F - 4.0F * static_cast<float>(i % 2));
      const Points tuft = joined(smooth_curve(Points{foot + glm::vec2(-7, 9), foot + glm::vec2(-4, -1), tip}),
                                 smooth_curve(Points{tip, foot + glm::vec2(5, 0), foot + glm::vec2(7, 9)}));
      brush.canvas().fill(
          tuft, LinearGradient{foot + glm::vec2(0, 9),
                               tip,
                               {{0, with_alpha(hair.base, 0)}, {0.45F, hair.base}, {1, hair.base}}});
      const float width = brush.design().style.line_width * 0.9F;
      const Points edge = resampled(tuft, 40);
      brush.canvas().line(Points(edge.begin() + 8, edge.begin() + 32), LineWidth{width, 0, 0, 0.4F, 0.4F},
                          mix(hair.shade, hair.line, brush.design().style.line_darkness));
    }
  }
}

void paint_cat_ears(const AccessoryBrush& brush) {
  paint_ears(brush, {{273, 58}, {282, 36}, {303, 17}, {310, 38}, {314, 74}},
             {{281, 56}, {287, 42}, {301, 26}, {305, 42}, {307, 66}}, from_hex(0xf7b9b8), true);
}

void paint_fox_ears(const AccessoryBrush& brush) {
  paint_ears(brush, {{268, 56}, {280, 28}, {306, 10}, {317, 40}, {316, 78}},
             {{278, 54}, {287, 36}, {304, 21}, {310, 42}, {308, 68}},
             mix(brush.design().hair.light, Color{1, 1, 1}, 0.5F), true);
}

void paint_rabbit_ears(const AccessoryBrush& brush) {
  paint_ears(brush, {{266, 56}, {266, 34}, {276, 13}, {290, 12}, {294, 32}, {288, 60}},
             {{271, 52}, {271, 36}, {279, 20}, {286, 20}, {288, 34}, {283, 54}}, from_hex(0xf6b6bd), false);
}

void paint_horns(const AccessoryBrush& brush) {
  const Color color = mix(from_hex(0x4a3f4e), brush.design().accessories.color, 0.3F);
  for (const float side : {-1.0F, 1.0F}) {
    const float y = brush.design().hair.top - 46;
    const Points outer = smooth_curve(Points{beside(side, 40, 68 + y), beside(side, 58, 56 + y),
                                             beside(side, 66, 38 + y), beside(side, 60, 18 + y)});
    const Points inner = smooth_curve(Points{beside(side, 60, 18 + y), beside(side, 54, 36 + y),
                                             beside(side, 40, 48 + y), beside(side, 26, 54 + y)});
    const Points horn = joined(outer, inner);
    brush.ornament().shape(horn, color, 4);
    brush.canvas().clipped(horn, [&] {
      for (float along = 0.15F; along < 0.9F; along += 0.16F) {
        brush.ornament().line(Points{point_at(outer, along), point_at(inner, 1 - along)}, color, 0.9F);
      }
    });
  }
}

constexpr auto kEarRows = std::to_array<Accessory>({
    {.name = "cat_ears", .paint = paint_cat_ears},
    {.name = "fox_ears", .paint = paint_fox_ears},
    {.name = "rabbit_ears", .paint = paint_rabbit_ears},
    {.name = "horns", .paint = paint_horns},
});

}  // namespace

std::span<const Accessory> accessory_ears() {
  return kEarRows;
}

}  // namespace tha4::generator
