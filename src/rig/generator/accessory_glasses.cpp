#include <algorithm>
#include <array>

#include "accessories.h"

namespace tha4::generator {
namespace {

struct Rim {
  Points left_half;  ///< the lens at the right of the picture
  bool has_upper = true;
};

void paint_glasses(const AccessoryBrush& brush, const Rim& rim) {
  Canvas& canvas = brush.canvas();
  const AccessoryDesign& accessories = brush.design().accessories;
  const Color frame =
      to_hsl(accessories.color).z > 0.6F ? shade_of(accessories.color, 0.55F) : accessories.color;
  const float width = 1.3F + 0.5F * brush.design().style.line_width;
  for (const float side : {-1.0F, 1.0F}) {
    const Points lens = side > 0 ? rim.left_half : mirrored(rim.left_half);
    canvas.fill(lens, Color{0.82F, 0.92F, 1.0F, 0.13F});
    canvas.clipped(lens, [&] {
      canvas.fill(Points{beside(1, side * 28 - 9, 118), beside(1, side * 28 - 2, 118),
                         beside(1, side * 28 - 15, 156), beside(1, side * 28 - 22, 156)},
                  Color{1, 1, 1, 0.26F});
    });
    if (rim.has_upper) {
      canvas.stroke(closed(lens), width, frame);
    } else {
      Points lower = lens;
      std::erase_if(lower, [](glm::vec2 point) { return point.y < 131; });
      std::ranges::sort(lower, {}, &glm::vec2::x);
      canvas.stroke(lower, width, frame);
    }
    canvas.stroke(smooth_curve(Points{beside(side, 47, 131), beside(side, 56, 129), beside(side, 63, 130)}),
                  width, frame);
  }
  canvas.stroke(smooth_curve(Points{beside(-1, 9, 135), {256, 131.5F}, beside(1, 9, 135)}), width, frame);
}

void paint_round_glasses(const AccessoryBrush& brush) {
  paint_glasses(brush, {ellipse({284, 138}, {20, 19})});
}

void paint_rectangular_glasses(const AccessoryBrush& brush) {
  paint_glasses(brush, {smooth_loop(Points{{264, 130},
                                           {268, 126},
                                           {284, 125},
                                           {301, 126},
                                           {304, 130},
                                           {303, 144},
                                           {299, 151},
                                           {284, 153},
                                           {270, 151},
                                           {265, 144}})});
}

void paint_under_rim_glasses(const AccessoryBrush& brush) {
  paint_glasses(
      brush,
      {smooth_loop(Points{
           {263, 128}, {284, 124}, {305, 128}, {303, 145}, {297, 152}, {284, 154}, {271, 152}, {265, 145}}),
       false});
}

/// Low on the nose, so that their upper rims lie where the lids move.
void paint_low_glasses(const AccessoryBrush& brush) {
  paint_glasses(brush, {smooth_loop(Points{{265, 136},
                                           {270, 131},
                                           {284, 129.5F},
                                           {300, 130},
                                           {306, 135},
                                           {305, 146},
                                           {299, 154},
                                           {285, 157},
                                           {271, 154},
                                           {265, 146}})});
}

constexpr auto kGlassesRows = std::to_array<Accessory>({
    {.name = "none"},
    {.name = "round", .paint = paint_round_glasses},
    {.name = "rectangular", .paint = paint_rectangular_glasses},
    {.name = "low", .paint = paint_low_glasses},
    {.name = "under_rim", .paint = paint_under_rim_glasses},
});
constexpr Kinds<Accessory> kGlasses{"kind of glasses", kGlassesRows};

}  // namespace

const Kinds<Accessory>& glasses() {
  return kGlasses;
}

}  // namespace tha4::generator
