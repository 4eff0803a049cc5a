#include <algorithm>
#include <array>
#include <cmath>

#include "accessory_kinds.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

namespace tha4::generator {
namespace {

Points band_row(const AccessoryBrush& brush, float drop) {
  const HairDesign& hair = brush.design().hair;
  const float reach = 69 * hair.volume;
  return smooth_curve(Points{beside(-1, reach - 1, 116),
                             beside(-1, reach * 0.88F, 86 + drop * 0.4F),
                             beside(-1, reach * 0.5F, hair.top + 15 + drop),
                             {256, hair.top + 8 + drop},
                             beside(1, reach * 0.5F, hair.top + 15 + drop),
                             beside(1, reach * 0.88F, 86 + drop * 0.4F),
                             beside(1, reach - 1, 116)});
}

void paint_hair_band(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design().accessories;
  brush.ornament().shape(joined(band_row(brush, 0), reversed(band_row(brush, 8))), accessories.color, 2.5F);
  const float side = brush.chosen_side();
  const glm::vec2 knot = point_at(band_row(brush, 4), side > 0 ? 0.73F : 0.27F);
  if (brush.design().hair.wave > 0.4F) brush.ornament().bow(knot, 14, accessories.color, false);
}

void paint_maid_band(const AccessoryBrush& brush) {
  const Color white{0.99F, 0.99F, 1};
  const Points row = band_row(brush, 5);
  const Points even = resampled(row, 65);
  Points edge;
  for (std::size_t i = 8; i < 57; ++i) {
    const glm::vec2 out = glm::normalize(even[i] - glm::vec2(256, 128));
    edge.push_back(even[i] + out * (13.0F + 2.5F * std::cos(static_cast<float>(i) * 1.5708F)));
  }
  const Points middle(even.begin() + 8, even.begin() + 57);
  brush.ornament().shape(joined(middle, reversed(smooth_curve(edge))), white, 3);
  for (std::size_t i = 2; i + 2 < middle.size(); i += 4)
    brush.ornament().line(Points{middle[i], glm::mix(middle[i], edge[i], 0.75F)}, white, 0.8F);
  brush.ornament().shape(joined(band_row(brush, 2), reversed(band_row(brush, 9))),
                         brush.design().accessories.second, 2.5F);
}

void paint_big_ribbon(const AccessoryBrush& brush) {
  const float top = brush.design().hair.top;
  brush.ornament().bow({256, std::max(36.0F, top - 1)}, 25, brush.design().accessories.color, false);
}

void paint_flower_crown(const AccessoryBrush& brush) {
  const AccessoryDesign& accessories = brush.design().accessories;
  const Points row = band_row(brush, 6);
  const Color leaf = from_hex(0x7fae6a);
  for (int i = 0; i < 11; ++i) {
    const glm::vec2 point = point_at(row, 0.16F + 0.068F * static_cast<float>(i));
    brush.ornament().shape(ellipse(point + glm::vec2(3, -3), {6, 3}, static_cast<float>(i * 47 % 180)), leaf,
                           1.5F);
  }
  for (int i = 0; i < 9; ++i) {
    const glm::vec2 point =
        point_at(row, 0.18F + 0.08F * static_cast<float>(i)) + glm::vec2(0, brush.random().jitter(2));
    const Color color = i % 3 == 0   ? accessories.color
                        : i % 3 == 1 ? Color{1, 0.97F, 0.94F}
                                     : light_of(accessories.color, 0.5F);
    brush.ornament().flower(point, i % 2 == 0 ? 8.5F : 6.5F, color);
  }
}

constexpr auto kBandRows = std::to_array<Accessory>({
    {.name = "hair_band", .paint = paint_hair_band},
    {.name = "maid_band", .paint = paint_maid_band},
    {.name = "big_ribbon", .paint = paint_big_ribbon},
    {.name = "flower_crown", .paint = paint_flower_crown},
});

}  // namespace

std::span<const Accessory> accessory_bands() {
  return kBandRows;
}

}  // namespace tha4::generator
