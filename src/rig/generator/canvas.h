#pragma once

#include <functional>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "color.h"
#include "curve.h"
#include "tint.h"
#include <glm/vec2.hpp>

#include "tha4/image/rgba_image.h"

namespace tha4::generator {

struct GradientStop {
  float at = 0;  ///< 0 to 1
  Color color;
};

struct LinearGradient {
  glm::vec2 from;
  glm::vec2 to;
  std::vector<GradientStop> stops;
};

struct RadialGradient {
  glm::vec2 center;
  glm::vec2 radii;  ///< where the last stop lies; two different radii make an ellipse
  std::vector<GradientStop> stops;
};

using Paint = std::variant<Color, LinearGradient, RadialGradient>;

/// How the width of a drawn line swells: it rises over the fraction `rise` of its length from `start` to
/// `width`, and falls over the fraction `fall` to `end`.
struct LineWidth {
  float width = 1;  ///< pixels of the rest image, here and below
  float start = 0;
  float end = 0;
  float rise = 0.35F;
  float fall = 0.35F;
};

/// A rectangle of the rest image to paint on, at a multiple of its size. All coordinates and lengths are in
/// pixels of the rest image.
class Canvas {
 public:
  /// A transparent canvas over \p size pixels from \p corner (top left), with \p scale pixels of its own for
  /// each. Throws Error if there is no memory for it.
  Canvas(glm::vec2 corner, glm::vec2 size, float scale = 2);
  ~Canvas();
  Canvas(Canvas&&) noexcept;
  Canvas& operator=(Canvas&&) noexcept;

  [[nodiscard]] glm::vec2 corner() const;
  [[nodiscard]] glm::vec2 size() const;
  [[nodiscard]] float scale() const;

  /// Fills the closed \p loop.
  void fill(std::span<const glm::vec2> loop, const Paint& paint);

  /// Fills what lies in an odd number of \p loops: a shape with holes.
  void fill_loops(std::span<const Points> loops, const Paint& paint);

  /// Fills everything that the clip lets through.
  void fill_all(const Paint& paint);

  /// The same as fill(), its edge blurred over about \p blur pixels to either side.
  void fill_softly(std::span<const glm::vec2> loop, const Paint& paint, float blur);

  /// A line of one width with round ends along the open \p path.
  void stroke(std::span<const glm::vec2> path, float width, const Paint& paint);

  /// A drawn line along the open \p path that swells and thins.
  void line(std::span<const glm::vec2> path, const LineWidth& width, const Paint& paint);

  /// The same with any width: \p width_at takes the fraction of the path's length.
  void line(std::span<const glm::vec2> path, const std::function<float(float)>& width_at, const Paint& paint);

  /// Makes transparent what lies in the closed \p loop.
  void erase(std::span<const glm::vec2> loop);

  /// Calls \p draw with everything outside the closed \p loop masked off; clips nest.
  void clipped(std::span<const glm::vec2> loop, const std::function<void()>& draw);

  /// Calls \p draw with paint only where there is some already.
  void atop(const std::function<void()>& draw);

  /// Lays \p other, which is at the same scale, over this one.
  void draw(const Canvas& other, float opacity = 1);

  /// Blurs everything so far; \p radius is the standard deviation of the (nearly Gaussian) kernel.
  void blur(float radius);

  /// How much of each cell has paint, 0 to 1, of \p columns x \p rows equal cells, row by row: by samples.
  [[nodiscard]] std::vector<float> coverage(int columns, int rows) const;

  /// Tints everything so far.
  void tint(const TintGrid& grid);

  /// An empty canvas of the same rectangle and scale.
  [[nodiscard]] Canvas another() const;

  /// The picture so far. Transparent pixels near others have their colour, so that sampling between them
  /// darkens no edge.
  [[nodiscard]] RgbaImage image() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tha4::generator
