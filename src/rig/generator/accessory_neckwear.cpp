#include <array>

#include "accessories.h"
#include "body.h"

namespace tha4::generator {
namespace {

void paint_choker(const AccessoryBrush& brush) {
  const float n = BodyShape(brush.design().body).neck;
  const Color color = shade_of(brush.design().accessories.color, 0.25F);
  brush.ornament().shape(
      joined(smooth_curve(Points{beside(-1, n, 203), {256, 208}, beside(1, n, 203)}),
             smooth_curve(Points{beside(1, n + 0.5F, 209), {256, 214}, beside(-1, n + 0.5F, 209)})),
      color, 2);
  brush.ornament().shape(ellipse({256, 215}, {3, 3.6F}), brush.design().accessories.metal, 1);
}

void paint_scarf(const AccessoryBrush& brush) {
  const Color color = brush.design().accessories.color;
  const float side = brush.chosen_side();
  const Points end =
      joined(smooth_curve(Points{beside(side, 14, 222), beside(side, 20, 262), beside(side, 17, 312)}),
             smooth_curve(Points{beside(side, 41, 310), beside(side, 42, 262), beside(side, 34, 224)}));
  brush.ornament().shape(end, color, 5);
  brush.canvas().clipped(end, [&] {
    for (const float y : {290.0F, 299.0F})
      brush.canvas().stroke(Points{beside(side, 8, y), beside(side, 50, y - 2)}, 4,
                            brush.design().accessories.second);
  });
  brush.ornament().line(closed(end), color);
  const Points wrap = smooth_loop(Points{beside(-1, 40, 206),
                                         beside(-1, 22, 200),
                                         {256, 206},
                                         beside(1, 22, 200),
                                         beside(1, 40, 206),
                                         beside(1, 44, 222),
                                         beside(1, 24, 236),
                                         {256, 241},
                                         beside(-1, 24, 236),
                                         beside(-1, 44, 222)});
  brush.ornament().shape(wrap, color, 6);
  brush.canvas().clipped(wrap, [&] {
    brush.ornament().line(smooth_curve(Points{beside(-1, 42, 212), beside(-1, 10, 226), beside(1, 26, 230)}),
                          color);
    brush.ornament().line(smooth_curve(Points{beside(1, 42, 210), beside(1, 20, 222), beside(-1, 6, 226)}),
                          color);
    brush.ornament().line(smooth_curve(Points{beside(-1, 40, 222), beside(-1, 18, 232), {256, 236}}), color,
                          0.8F);
  });
}

void paint_pendant(const AccessoryBrush& brush) {
  const float n = BodyShape(brush.design().body).neck;
  const Color metal = brush.design().accessories.metal;
  brush.canvas().stroke(smooth_curve(Points{beside(-1, n + 2, 211),
                                            beside(-1, 10, 240),
                                            {256, 254},
                                            beside(1, 10, 240),
                                            beside(1, n + 2, 211)}),
                        1.5F, shade_of(metal, 0.35F));
  brush.ornament().shape(turned(Points{{250, 252}, {262, 252}, {262, 264}, {250, 264}}, {256, 258}, 45),
                         brush.design().accessories.color, 2.5F);
}

constexpr auto kNeckwearRows = std::to_array<Accessory>({
    {.name = "none"},
    {.name = "choker", .paint = paint_choker},
    {.name = "scarf", .paint = paint_scarf},
    {.name = "pendant", .paint = paint_pendant},
});
constexpr Kinds<Accessory> kNeckwear{"neckwear", kNeckwearRows};

}  // namespace

const Kinds<Accessory>& neckwear() {
  return kNeckwear;
}

}  // namespace tha4::generator
