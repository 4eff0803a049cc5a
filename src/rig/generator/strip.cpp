#include "strip.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <glm/geometric.hpp>

namespace tha4::generator {
namespace {

constexpr float kStripScale = 3;
constexpr float kBandCanvas = 32;

/// The unit vector to the upper side of the curve at point \p i.
glm::vec2 up_of(const Points& spine, std::size_t i) {
  const glm::vec2 way = spine[std::min(i + 1, spine.size() - 1)] - spine[i == 0 ? 0 : i - 1];
  const float size = glm::length(way);
  return size > 0 ? glm::vec2(way.y, -way.x) / size : glm::vec2(0, -1);
}

/// Two triangles for each piece of a ladder whose rungs are pairs of vertices.
void add_ladder(Mesh& mesh, std::size_t rungs) {
  for (std::uint32_t i = 0; i + 1 < rungs; ++i) {
    const std::uint32_t a = 2 * i;
    mesh.triangles.insert(mesh.triangles.end(), {a, a + 1, a + 2, a + 2, a + 1, a + 3});
  }
}

}  // namespace

int add_strip(RigBuilder& builder, const Strip& strip, const std::function<void(Canvas&, float)>& paint) {
  const float length = length_of(strip.spine);
  Canvas canvas({0, -strip.above}, {length, strip.above + strip.below}, kStripScale);
  paint(canvas, length);
  const RgbaImage image = canvas.image();
  const glm::vec2 pixels(image.width, image.height);
  Mesh mesh = empty_mesh(strip.place, builder.add_painted_material(strip.place.name, image));

  const auto rung = [&strip](const Points& spine, float lift, std::size_t i, bool is_above) {
    const float height = is_above ? strip.above : -strip.below;
    return placed(spine[i] + up_of(spine, i) * (height * lift), strip.side);
  };
  float along = 0;
  for (std::size_t i = 0; i < strip.spine.size(); ++i) {
    if (i > 0) along += glm::length(strip.spine[i] - strip.spine[i - 1]);
    const float x = along * kStripScale / pixels.x;
    add_vertex(mesh, strip.place, rung(strip.spine, 1, i, true), {x, 0});
    add_vertex(mesh, strip.place, rung(strip.spine, 1, i, false),
               {x, (strip.above + strip.below) * kStripScale / pixels.y});
  }
  add_ladder(mesh, strip.spine.size());
  for (const StripForm& form : strip.forms) {
    add_morph(mesh, form.morph, [&](std::uint32_t v, glm::vec2 at_rest) {
      return rung(form.spine, form.lift, v / 2, v % 2 == 0) - at_rest;
    });
  }
  return builder.add_mesh(std::move(mesh));
}

int add_band(RigBuilder& builder, const Band& band, const std::function<void(Canvas&)>& paint) {
  Canvas canvas({0, 0}, glm::vec2(kBandCanvas));
  paint(canvas);
  Mesh mesh = empty_mesh(band.place, builder.add_painted_material(band.place.name, canvas.image()));
  const std::size_t count = band.upper.size();
  for (std::size_t i = 0; i < count; ++i) {
    const float x = static_cast<float>(i) / static_cast<float>(count - 1);
    add_vertex(mesh, band.place, band.upper[i], {x, 0});
    add_vertex(mesh, band.place, band.lower[i], {x, 1});
  }
  add_ladder(mesh, count);
  for (const BandForm& form : band.forms) {
    add_morph(mesh, form.morph, [&](std::uint32_t v, glm::vec2 at_rest) {
      return (v % 2 == 0 ? form.upper : form.lower)[v / 2] - at_rest;
    });
  }
  return builder.add_mesh(std::move(mesh));
}

}  // namespace tha4::generator
