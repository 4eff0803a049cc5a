#include <algorithm>
#include <array>

#include "accessory_kinds.h"
#include "hair.h"

namespace tha4::generator {
namespace {

void paint_headphone_cups(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design().accessories;
  const float reach = 70 * brush.design().hair.volume;
  const Points arc = skull_arc(brush.design().hair, 4);
  Points band;
  for (const glm::vec2& point : arc) {
    if (point.y < 124) band.push_back(point);
  }
  brush.canvas().stroke(band, 9 + brush.design().style.line_width * 1.6F, line_color_of(accessories.second));
  brush.canvas().stroke(band, 9, accessories.second);
  brush.canvas().stroke(shifted(band, {0, -1.5F}), 2.2F,
                        with_alpha(light_of(accessories.second, 0.6F), 0.8F));
  for (const float side : {-1.0F, 1.0F}) {
    brush.ornament().shape(ellipse(beside(side, reach - 4, 132), {9, 21}),
                           shade_of(accessories.second, 0.25F), 3);
    brush.ornament().shape(ellipse(beside(side, reach + 1, 132), {9, 17}), accessories.color, 5);
    brush.ornament().shape(ellipse(beside(side, reach + 3, 132), {4.5F, 9}),
                           light_of(accessories.color, 0.4F), 2);
  }
}

void paint_small_hat(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design().accessories;
  const float side = brush.chosen_side();
  const glm::vec2 foot = brush.on_skull(side > 0 ? 0.63F : 0.37F, 7);
  const auto place = [&](float x, float y) {
    return turned(Points{foot + glm::vec2(x, y)}, foot, side * 24).front();
  };
  brush.ornament().shape(smooth_loop(Points{place(-27, 0), place(-15, -5), place(15, -5), place(27, 0),
                                            place(15, 6), place(-15, 6)}),
                         accessories.second, 3);
  const float height = std::min(23.0F, foot.y - 14);
  brush.ornament().shape(
      joined(smooth_curve(Points{place(-14, -1), place(-15, -height * 0.6F), place(-17, -height)}),
             joined(smooth_curve(Points{place(-17, -height), place(0, -height - 3), place(17, -height)}),
                    smooth_curve(
                        Points{place(15, -height * 0.6F), place(14, -1), place(0, 2.5F), place(-14, -1)}))),
      accessories.second, 5);
  brush.ornament().shape(joined(smooth_curve(Points{place(-14.5F, -7), place(0, -4), place(14.5F, -7)}),
                                smooth_curve(Points{place(14, -1), place(0, 2), place(-14, -1)})),
                         accessories.color, 2);
  brush.ornament().bow(place(side * 9, -4), 8, accessories.color, false);
}

void paint_beret(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design().accessories;
  const float side = brush.chosen_side();
  const float top = brush.design().hair.top;
  const float reach = 70 * brush.design().hair.volume;
  const Points cap =
      smooth_loop(Points{beside(side, -reach * 0.72F, top + 30), beside(side, -reach * 0.74F, top + 12),
                         beside(side, -reach * 0.3F, top - 11), beside(side, reach * 0.3F, top - 17),
                         beside(side, reach * 0.95F, top - 4), beside(side, reach * 1.12F, top + 19),
                         beside(side, reach * 0.85F, top + 32), beside(side, reach * 0.2F, top + 22),
                         beside(side, -reach * 0.4F, top + 24)});
  brush.ornament().shape(cap, accessories.color, 8);
  brush.canvas().clipped(cap, [&] {
    brush.ornament().line(
        smooth_curve(Points{beside(side, reach * 0.15F, top - 14), beside(side, reach * 0.5F, top + 4),
                            beside(side, reach * 0.9F, top + 12)}),
        accessories.color);
    brush.ornament().line(
        smooth_curve(Points{beside(side, -reach * 0.6F, top + 25), beside(side, reach * 0.1F, top + 15),
                            beside(side, reach * 0.7F, top + 24)}),
        accessories.color, 0.8F);
  });
  brush.ornament().shape(smooth_loop(Points{beside(side, 10, top - 14), beside(side, 12, top - 25),
                                            beside(side, 16, top - 26), beside(side, 16, top - 14)}),
                         accessories.color, 1.5F);
}

void paint_halo(const AccessoryBrush& brush) {
  const float y = std::max(24.0F, brush.design().hair.top - 18);
  const Color color = mix(from_hex(0xffe28a), brush.design().accessories.color, 0.25F);
  const std::vector<Points> ring{ellipse({256, y}, {44, 13}), ellipse({256, y - 0.5F}, {35.5F, 8})};
  brush.canvas().fill_loops(std::vector<Points>{ellipse({256, y}, {49, 17}), ellipse({256, y}, {31, 5})},
                            with_alpha(color, 0.28F));
  brush.canvas().fill_loops(ring, light_of(color, 0.25F));
  for (const Points& edge : ring)
    brush.canvas().stroke(closed(edge), brush.design().style.line_width * 0.8F, shade_of(color, 0.4F));
}

constexpr auto kHatRows = std::to_array<Accessory>({
    {.name = "headphones", .paint = paint_headphone_cups},
    {.name = "small_hat", .paint = paint_small_hat},
    {.name = "beret", .paint = paint_beret},
    {.name = "halo", .paint_behind = paint_halo},
});

}  // namespace

std::span<const Accessory> accessory_hats() {
  return kHatRows;
}

}  // namespace tha4::generator
