#include "canvas.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "bleed.h"
#include "blur.h"
#include <cairo/cairo.h>
#include <glm/common.hpp>
#include <glm/geometric.hpp>

#include "tha4/base/error.h"

namespace tha4::generator {
namespace {

/// How far colours spread into transparent pixels.
constexpr int kBleedPixels = 6;

void add_stops(cairo_pattern_t* pattern, const std::vector<GradientStop>& stops) {
  for (const GradientStop& stop : stops) {
    const Color& c = stop.color;
    cairo_pattern_add_color_stop_rgba(pattern, stop.at, c.r, c.g, c.b, c.a);
  }
}

void set_source(cairo_t* cairo, const Paint& paint) {
  if (const auto* color = std::get_if<Color>(&paint)) {
    cairo_set_source_rgba(cairo, color->r, color->g, color->b, color->a);
    return;
  }
  cairo_pattern_t* pattern = nullptr;
  if (const auto* linear = std::get_if<LinearGradient>(&paint)) {
    pattern = cairo_pattern_create_linear(linear->from.x, linear->from.y, linear->to.x, linear->to.y);
    add_stops(pattern, linear->stops);
  } else {
    const auto& radial = std::get<RadialGradient>(paint);
    pattern = cairo_pattern_create_radial(0, 0, 0, 0, 0, 1);
    add_stops(pattern, radial.stops);
    cairo_matrix_t matrix;
    cairo_matrix_init_scale(&matrix, 1 / radial.radii.x, 1 / radial.radii.y);
    cairo_matrix_translate(&matrix, -radial.center.x, -radial.center.y);
    cairo_pattern_set_matrix(pattern, &matrix);
  }
  cairo_set_source(cairo, pattern);
  cairo_pattern_destroy(pattern);
}

void trace(cairo_t* cairo, std::span<const glm::vec2> points) {
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i == 0) {
      cairo_move_to(cairo, points[i].x, points[i].y);
    } else {
      cairo_line_to(cairo, points[i].x, points[i].y);
    }
  }
}

PixelRows pixels_of(cairo_surface_t* surface) {
  cairo_surface_flush(surface);
  return {cairo_image_surface_get_data(surface), cairo_image_surface_get_width(surface),
          cairo_image_surface_get_height(surface), cairo_image_surface_get_stride(surface)};
}

void blur_surface(cairo_surface_t* surface, float deviation) {
  const int radius = static_cast<int>(std::lround(deviation));
  if (radius < 1) return;
  blur(pixels_of(surface), radius);
  cairo_surface_mark_dirty(surface);
}

/// The outline of a line of changing width: one side forth, the other back.
Points line_outline(std::span<const glm::vec2> path, const std::function<float(float)>& width_at) {
  const float length = length_of(path);
  Points there;
  Points back;
  float done = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i > 0) done += glm::length(path[i] - path[i - 1]);
    const glm::vec2 way = path[std::min(i + 1, path.size() - 1)] - path[i == 0 ? 0 : i - 1];
    const float size = glm::length(way);
    if (size <= 0) continue;
    const glm::vec2 side = glm::vec2(-way.y, way.x) / size;
    const float half = width_at(length > 0 ? done / length : 0) / 2;
    there.push_back(path[i] + side * half);
    back.push_back(path[i] - side * half);
  }
  there.insert(there.end(), back.rbegin(), back.rend());
  return there;
}

}  // namespace

struct Canvas::State {
  glm::vec2 corner;
  glm::vec2 size;
  float scale;
  cairo_surface_t* surface;
  cairo_t* cairo;

  State(glm::vec2 corner_, glm::vec2 size_, float scale_)
      : corner(corner_),
        size(size_),
        scale(scale_),
        surface(cairo_image_surface_create(CAIRO_FORMAT_ARGB32,
                                           std::max(1, static_cast<int>(std::ceil(size_.x * scale_))),
                                           std::max(1, static_cast<int>(std::ceil(size_.y * scale_))))),
        cairo(cairo_create(surface)) {
    if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS) {
      const Error error(std::string("cannot paint: ") + cairo_status_to_string(cairo_status(cairo)));
      cairo_destroy(cairo);
      cairo_surface_destroy(surface);
      throw error;
    }
    cairo_scale(cairo, scale, scale);
    cairo_translate(cairo, -corner.x, -corner.y);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    cairo_set_tolerance(cairo, 0.05);
  }
  ~State() {
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Canvas::Canvas(glm::vec2 corner, glm::vec2 size, float scale)
    : state_(std::make_unique<State>(corner, size, scale)) {}
Canvas::~Canvas() = default;
Canvas::Canvas(Canvas&&) noexcept = default;
Canvas& Canvas::operator=(Canvas&&) noexcept = default;

glm::vec2 Canvas::corner() const {
  return state_->corner;
}
glm::vec2 Canvas::size() const {
  return state_->size;
}
float Canvas::scale() const {
  return state_->scale;
}

void Canvas::fill(std::span<const glm::vec2> loop, const Paint& paint) {
  cairo_new_path(state_->cairo);
  trace(state_->cairo, loop);
  cairo_close_path(state_->cairo);
  set_source(state_->cairo, paint);
  cairo_set_fill_rule(state_->cairo, CAIRO_FILL_RULE_WINDING);
  cairo_fill(state_->cairo);
}

void Canvas::fill_loops(std::span<const Points> loops, const Paint& paint) {
  cairo_new_path(state_->cairo);
  for (const Points& loop : loops) {
    trace(state_->cairo, loop);
    cairo_close_path(state_->cairo);
  }
  set_source(state_->cairo, paint);
  cairo_set_fill_rule(state_->cairo, CAIRO_FILL_RULE_EVEN_ODD);
  cairo_fill(state_->cairo);
}

void Canvas::fill_all(const Paint& paint) {
  set_source(state_->cairo, paint);
  cairo_paint(state_->cairo);
}

void Canvas::fill_softly(std::span<const glm::vec2> loop, const Paint& paint, float blur_radius) {
  if (loop.empty()) return;
  // A canvas just as large as the soft shape, on whole pixels of this one.
  const float margin = 2 * blur_radius + 2 / scale();
  glm::vec2 min = loop.front();
  glm::vec2 max = loop.front();
  for (const glm::vec2& point : loop) {
    min = glm::min(min, point);
    max = glm::max(max, point);
  }
  min = glm::floor((glm::max(min - margin, corner()) - corner()) * scale()) / scale() + corner();
  max = glm::min(max + margin, corner() + size());
  if (max.x <= min.x || max.y <= min.y) return;
  Canvas soft(min, max - min, scale());
  soft.fill(loop, paint);
  soft.blur(blur_radius / 2);
  draw(soft);
}

void Canvas::stroke(std::span<const glm::vec2> path, float width, const Paint& paint) {
  cairo_new_path(state_->cairo);
  trace(state_->cairo, path);
  set_source(state_->cairo, paint);
  cairo_set_line_width(state_->cairo, width);
  cairo_stroke(state_->cairo);
}

void Canvas::line(std::span<const glm::vec2> path, const LineWidth& width, const Paint& paint) {
  const auto width_at = [&width](float along) {
    const auto ease = [](float t) { return std::sin(std::clamp(t, 0.0F, 1.0F) * 1.5707963F); };
    const float rise = width.rise > 0 ? ease(along / width.rise) : 1;
    const float fall = width.fall > 0 ? ease((1 - along) / width.fall) : 1;
    const float from_start = width.start + (width.width - width.start) * rise;
    const float from_end = width.end + (width.width - width.end) * fall;
    return std::min(from_start, from_end);
  };
  line(path, width_at, paint);
}

void Canvas::line(std::span<const glm::vec2> path, const std::function<float(float)>& width_at,
                  const Paint& paint) {
  if (path.size() < 2) return;
  fill(line_outline(path, width_at), paint);
}

void Canvas::erase(std::span<const glm::vec2> loop) {
  cairo_save(state_->cairo);
  cairo_set_operator(state_->cairo, CAIRO_OPERATOR_DEST_OUT);
  fill(loop, Color{0, 0, 0, 1});
  cairo_restore(state_->cairo);
}

void Canvas::clipped(std::span<const glm::vec2> loop, const std::function<void()>& draw_inside) {
  cairo_save(state_->cairo);
  cairo_new_path(state_->cairo);
  trace(state_->cairo, loop);
  cairo_close_path(state_->cairo);
  cairo_set_fill_rule(state_->cairo, CAIRO_FILL_RULE_WINDING);
  cairo_clip(state_->cairo);
  draw_inside();
  cairo_restore(state_->cairo);
}

void Canvas::atop(const std::function<void()>& draw_atop) {
  cairo_save(state_->cairo);
  cairo_set_operator(state_->cairo, CAIRO_OPERATOR_ATOP);
  draw_atop();
  cairo_restore(state_->cairo);
}

void Canvas::draw(const Canvas& other, float opacity) {
  cairo_surface_flush(other.state_->surface);
  cairo_save(state_->cairo);
  cairo_identity_matrix(state_->cairo);
  const glm::vec2 at = (other.corner() - corner()) * scale();
  cairo_set_source_surface(state_->cairo, other.state_->surface, std::round(at.x), std::round(at.y));
  cairo_paint_with_alpha(state_->cairo, opacity);
  cairo_restore(state_->cairo);
}

void Canvas::blur(float radius) {
  blur_surface(state_->surface, radius * state_->scale);
}

std::vector<float> Canvas::coverage(int columns, int rows) const {
  const PixelRows pixels = pixels_of(state_->surface);
  std::vector<float> fractions;
  fractions.reserve(static_cast<std::size_t>(columns) * rows);
  const auto alpha_at = [&](float column, float row) {
    const int x = static_cast<int>(column / static_cast<float>(columns) * static_cast<float>(pixels.width));
    const int y = static_cast<int>(row / static_cast<float>(rows) * static_cast<float>(pixels.height));
    return static_cast<float>(pixels.data[y * pixels.stride + x * 4 + 3]);
  };
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const auto x = static_cast<float>(column);
      const auto y = static_cast<float>(row);
      fractions.push_back((alpha_at(x + 0.25F, y + 0.25F) + alpha_at(x + 0.75F, y + 0.25F) +
                           alpha_at(x + 0.25F, y + 0.75F) + alpha_at(x + 0.75F, y + 0.75F)) /
                          (4 * 255));
    }
  }
  return fractions;
}

void Canvas::tint(const TintGrid& grid) {
  generator::tint(pixels_of(state_->surface), grid);
  cairo_surface_mark_dirty(state_->surface);
}

Canvas Canvas::another() const {
  return {state_->corner, state_->size, state_->scale};
}

RgbaImage Canvas::image() const {
  cairo_surface_flush(state_->surface);
  RgbaImage image(cairo_image_surface_get_width(state_->surface),
                  cairo_image_surface_get_height(state_->surface));
  const std::ptrdiff_t stride = cairo_image_surface_get_stride(state_->surface);
  const std::uint8_t* const data = cairo_image_surface_get_data(state_->surface);
  std::uint8_t* to = image.pixels.data();
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x, to += 4) {
      const std::uint32_t argb = *reinterpret_cast<const std::uint32_t*>(data + y * stride + x * 4);
      const std::uint32_t alpha = argb >> 24U;
      if (alpha == 0) continue;
      for (unsigned c = 0; c < 3; ++c) {
        const std::uint32_t value = argb >> (16U - 8U * c) & 255U;
        // Most are opaque, and a division takes as long as all else here.
        const std::uint32_t straight = alpha == 255 ? value : (value * 255U + alpha / 2) / alpha;
        to[c] = static_cast<std::uint8_t>(std::min(255U, straight));
      }
      to[3] = static_cast<std::uint8_t>(alpha);
    }
  }
  bleed_colors(image, kBleedPixels);
  return image;
}

}  // namespace tha4::generator
