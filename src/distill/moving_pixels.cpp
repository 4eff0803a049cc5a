// Compiled once for each instruction set: foreach_target.h includes this file again and again.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "moving_pixels.cpp"
#include "moving_pixels.h"

#include <algorithm>

// clang-format off
#include <hwy/foreach_target.h>  // must come before highway.h
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace tha4::HWY_NAMESPACE {
namespace {

constexpr float kPixelsPerFlow = kImageSize / 2.0F;

/// Where a place lies on an axis of a map of at least two cells.
struct Along {
  int cell;
  float fraction;  ///< of the next one
  float scale;     ///< cells of a pixel; 0 beyond the border, where nothing changes

  /// \param at  in pixels from the first centre
  Along(float at, int size) : scale(static_cast<float>(size) / kImageSize) {
    const float exact = (at + 0.5F) * scale - 0.5F, last = static_cast<float>(size - 1);
    const float inside = exact > 0 ? std::min(exact, last) : 0;  // what is no number counts as 0
    cell = std::min(static_cast<int>(inside), size - 2);
    fraction = inside - static_cast<float>(cell);
    if (!(exact > 0 && exact < last)) scale = 0;
  }
};

/// The four cells around a place, and their fractions.
struct Corners {
  Along x, y;
  std::ptrdiff_t at[4];
  float fraction[4];

  Corners(float place_x, float place_y, int size) : x(place_x, size), y(place_y, size) {
    at[0] = static_cast<std::ptrdiff_t>(y.cell) * size + x.cell;
    at[1] = at[0] + 1;
    at[2] = at[0] + size;
    at[3] = at[2] + 1;
    fraction[0] = (1 - x.fraction) * (1 - y.fraction);
    fraction[1] = x.fraction * (1 - y.fraction);
    fraction[2] = (1 - x.fraction) * y.fraction;
    fraction[3] = x.fraction * y.fraction;
  }

  /// The mean of a number of each corner, and how it changes along x and y, by a pixel.
  template <class Number>
  HWY_INLINE void mix(const Number (&of)[4], Number& mean, Number& along_x, Number& along_y) const {
    const Number upper = of[0] + (of[1] - of[0]) * x.fraction, lower = of[2] + (of[3] - of[2]) * x.fraction;
    mean = upper + (lower - upper) * y.fraction;
    along_y = (lower - upper) * y.scale;
    along_x = ((of[1] - of[0]) * (1 - y.fraction) + (of[3] - of[2]) * y.fraction) * x.scale;
  }
};

/// The row of the motion's cells that the pixels of row \p y see.
void mix_motion(const MovingFrame& frame, int y) {
  const Between& row = frame.rows[y];
  const std::ptrdiff_t floats = std::ptrdiff_t{2} * frame.maps.motion_size;
  const float* const lower = frame.maps.motion + row.lower * floats;
  const float* const upper = frame.maps.motion + row.upper * floats;
  for (std::ptrdiff_t i = 0; i < floats; ++i) {
    frame.row[i] = lower[i] + (upper[i] - lower[i]) * row.fraction;
    frame.row_gradient[i] = 0;
  }
}

void give_motion_back(const MovingFrame& frame, int y) {
  const Between& row = frame.rows[y];
  const std::ptrdiff_t floats = std::ptrdiff_t{2} * frame.maps.motion_size;
  float* const lower = frame.maps.motion_gradient + row.lower * floats;
  float* const upper = frame.maps.motion_gradient + row.upper * floats;
  for (std::ptrdiff_t i = 0; i < floats; ++i) {
    lower[i] += frame.row_gradient[i] * (1 - row.fraction);
    upper[i] += frame.row_gradient[i] * row.fraction;
  }
}

/// The sums of the values of four colours.
HWY_INLINE Color sums_of(Color a, Color b, Color c, Color d) {
  const Color ab = __builtin_shufflevector(a, b, 0, 4, 1, 5) + __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Color cd = __builtin_shufflevector(c, d, 0, 4, 1, 5) + __builtin_shufflevector(c, d, 2, 6, 3, 7);
  // a0 + a2, b0 + b2, a1 + a3, b1 + b3
  return __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
}

/// The error of a pixel, whose gradients go to the cells.
HWY_INLINE Color compare_pixel(const MovingFrame& frame, int column, int row, const std::int16_t* expected) {
  const MovingMaps& maps = frame.maps;
  const Between& m = frame.columns[column];
  const float* const m0 = frame.row + 2 * m.lower;
  const float* const m1 = frame.row + 2 * m.upper;
  // Where the motion leads, in pixels.
  const float x =
      static_cast<float>(frame.region.x + column) + (m0[0] + (m1[0] - m0[0]) * m.fraction) * kPixelsPerFlow;
  const float y =
      static_cast<float>(frame.region.y + row) + (m0[1] + (m1[1] - m0[1]) * m.fraction) * kPixelsPerFlow;

  // Of flows, two cells beside each other are four values.
  const Corners f(x, y, maps.flow_size);
  const Color upper = load_color(maps.flow + 2 * f.at[0]), lower = load_color(maps.flow + 2 * f.at[2]);
  const Color down = lower - upper;
  const Color between = upper + down * f.y.fraction;
  const float across[2] = {between[2] - between[0], between[3] - between[1]};
  const float flow[2] = {between[0] + across[0] * f.x.fraction, between[1] + across[1] * f.x.fraction};

  const Corners a(x, y, maps.appearance_size);
  float given, given_by_x, given_by_y;
  a.mix({maps.alpha[a.at[0]], maps.alpha[a.at[1]], maps.alpha[a.at[2]], maps.alpha[a.at[3]]}, given,
        given_by_x, given_by_y);
  Color drawn, drawn_by_x, drawn_by_y;
  const auto colors = [&](int i) { return load_color(maps.drawn + 4 * a.at[i]); };
  a.mix({colors(0), colors(1), colors(2), colors(3)}, drawn, drawn_by_x, drawn_by_y);

  const float kept = 1 - std::clamp(given, 0.0F, 1.0F);
  const ColorSample warped =
      color_sample(frame.image, x + flow[0] * kPixelsPerFlow, y + flow[1] * kPixelsPerFlow);
  const Color error = warped.color * kept + drawn - plain_color(expected);

  const Color none{};
  const Color sign = error > 0 ? none + 1 : (error < 0 ? none - 1 : none);
  const Color gradient = sign * frame.gradient + error * (2 * frame.squared_gradient);
  const Color sums = sums_of(gradient * warped.along_x, gradient * warped.along_y, gradient * drawn_by_x,
                             gradient * drawn_by_y);
  // By the place in the rest image, in pixels.
  const float by_source_x = sums[0] * kept, by_source_y = sums[1] * kept;
  const float by_flow[2] = {by_source_x * kPixelsPerFlow, by_source_y * kPixelsPerFlow};
  const float by_alpha = given >= 0 && given <= 1 ? -sum_of(gradient * warped.color) : 0;
  const auto flow_by_y = [&](int axis) {
    return (down[axis] + (down[2 + axis] - down[axis]) * f.x.fraction) * f.y.scale;
  };
  const float by_x = by_source_x + (by_flow[0] * across[0] + by_flow[1] * across[1]) * f.x.scale +
                     by_alpha * given_by_x + sums[2];
  const float by_y =
      by_source_y + by_flow[0] * flow_by_y(0) + by_flow[1] * flow_by_y(1) + by_alpha * given_by_y + sums[3];

  const Color of_flow{by_flow[0] * (1 - f.x.fraction), by_flow[1] * (1 - f.x.fraction),
                      by_flow[0] * f.x.fraction, by_flow[1] * f.x.fraction};
  add_to(maps.flow_gradient + 2 * f.at[0], of_flow * (1 - f.y.fraction));
  add_to(maps.flow_gradient + 2 * f.at[2], of_flow * f.y.fraction);
  for (int i = 0; i < 4; ++i) {
    maps.alpha_gradient[a.at[i]] += by_alpha * a.fraction[i];
    add_to(maps.drawn_gradient + 4 * a.at[i], gradient * a.fraction[i]);
  }
  const auto give = [&](int cell, float fraction) {
    float* const to = frame.row_gradient + 2 * cell;
    to[0] += by_x * kPixelsPerFlow * fraction;
    to[1] += by_y * kPixelsPerFlow * fraction;
  };
  give(m.lower, 1 - m.fraction);
  give(m.upper, m.fraction);
  return error;
}

double CompareFrame(const MovingFrame& frame) {
  double loss = 0;
  for (int y = frame.first_row; y < frame.region.height; y += frame.row_step) {
    const PixelSpan span = frame.spans[y];
    if (span.begin >= span.end) continue;
    mix_motion(frame, y);
    Color absolutes{}, squares{};
    const std::int16_t* expected =
        frame.expected + (static_cast<std::ptrdiff_t>(y) * frame.region.width + span.begin) * kColors;
    for (int x = span.begin; x < span.end; ++x, expected += kColors) {
      const Color error = compare_pixel(frame, x, y, expected);
      absolutes += absolute(error);
      squares += error * error;
    }
    loss += static_cast<double>(sum_of(absolutes)) * frame.gradient +
            static_cast<double>(sum_of(squares)) * frame.squared_gradient;
    give_motion_back(frame, y);
  }
  return loss;
}

}  // namespace
}  // namespace tha4::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace tha4 {

HWY_EXPORT(CompareFrame);

double compare_frame(const MovingFrame& frame) {
  return HWY_DYNAMIC_DISPATCH(CompareFrame)(frame);
}

}  // namespace tha4

#endif
