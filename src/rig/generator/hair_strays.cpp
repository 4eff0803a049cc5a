#include "hair_strays.h"

#include <algorithm>

#include "hair.h"
#include <glm/common.hpp>
#include <glm/geometric.hpp>

namespace tha4::generator {
namespace {

/// Room that strays leave to the edges of the canvas and of the frame, which nothing may touch.
constexpr float kMargin = 4;

/// A hair from \p root: it starts along \p way and bends towards \p aside by the fraction \p bend.
void paint_stray(HairBrush& brush, glm::vec2 root, glm::vec2 way, glm::vec2 aside, float bend) {
  SeededRandom& random = brush.random();
  const HairDesign& hair = brush.design().hair;
  Canvas& canvas = brush.canvas();
  const float length = hair.stray_length * random.uniform(0.3F, 1);
  const float curl = random.uniform(0.4F, 1.3F);
  const float width = std::max(0.6F, hair.stray_width * random.uniform(0.4F, 1));
  const glm::vec2 min = glm::max(canvas.corner(), glm::vec2(0)) + kMargin;
  const glm::vec2 max = glm::min(canvas.corner() + canvas.size(), glm::vec2(512, 560)) - kMargin;
  const auto within = [&](glm::vec2 point) { return glm::clamp(point, min, max); };
  const Points path = bezier(root, within(root + way * (length * 0.4F) + aside * (length * bend * 0.15F)),
                             within(root + way * (length * 0.75F) + aside * (length * bend * 0.5F)),
                             within(root + way * (length * 0.95F) + aside * (length * bend * curl)));
  const bool is_dark = width < 1.1F || random.chance(0.3F);
  const bool is_light = !is_dark && random.chance(0.25F);
  const LineWidth swell{width, width * 0.8F, 0.25F, 0.1F, 0.6F};
  if (is_dark) {
    canvas.line(path, swell, mix(brush.shade(), brush.line(), 0.6F));
    return;
  }
  // Thick ones are small locks, with a line around them.
  const float line = 0.7F * brush.design().style.line_width;
  canvas.line(path, LineWidth{width + line, width * 0.8F + line, 0.5F, 0.1F, 0.6F}, brush.line());
  canvas.line(path, swell, is_light ? mix(brush.base(), hair.light, 0.5F) : brush.base());
}

}  // namespace

void paint_strays(HairBrush& brush, int count) {
  if (brush.locks().empty()) return;
  SeededRandom& random = brush.random();
  for (int i = 0; i < count; ++i) {
    const LockFrame& lock = brush.locks()[random.index(brush.locks().size())];
    const float along = random.uniform(0.3F, 0.92F);
    const glm::vec2 root = lock.at(along, 0);
    const glm::vec2 way =
        glm::normalize(lock.at(along + 0.06F, 0) - lock.at(along - 0.06F, 0) + glm::vec2(0, 1e-3F));
    const glm::vec2 out(way.y, -way.x);
    const float outer = (out.x > 0) == (root.x > 256) ? 1.0F : -1.0F;
    const float side = random.chance(0.75F) ? outer : -outer;
    paint_stray(brush, lock.at(along, side * 0.7F), way, out * side, random.uniform(0.1F, 0.75F));
  }
}

void paint_crown_strays(HairBrush& brush, int count) {
  SeededRandom& random = brush.random();
  const Points arc = skull_arc(brush.design().hair, -3);
  for (int i = 0; i < count; ++i) {
    const float along = random.uniform(0.12F, 0.88F);
    const glm::vec2 root = point_at(arc, along);
    const glm::vec2 way = glm::normalize(point_at(arc, along + 0.03F) - point_at(arc, along - 0.03F));
    const glm::vec2 out(way.y, -way.x);
    // Most lie the way that hair is combed, down from the crown; some stand up against it.
    const float down = (along > 0.5F) == random.chance(0.75F) ? 1.0F : -1.0F;
    paint_stray(brush, root, way * down, out, random.uniform(0.3F, 1));
  }
}

}  // namespace tha4::generator
