#include "blended_pixels.h"

#include <algorithm>
#include <numeric>

#include "pixel_colors.h"
#include <ATen/Parallel.h>
#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

constexpr int kFlow = 2;
constexpr int kAppearance = 5;

/// How pixels of the window see a map of \p Channels.
template <int Channels>
class MapView {
 public:
  MapView(int map_size, const FrameWindow& window) {
    const Region cells = sampled_cells(map_size, window).region;
    width_ = cells.width;
    height_ = cells.height;
    columns_ = places_of(window.region.x, window.region.width, map_size, cells.x);
    rows_ = places_of(window.region.y, window.region.height, map_size, cells.y);
  }

  std::size_t row_size() const { return static_cast<std::size_t>(width_) * Channels; }
  std::size_t map_size() const { return row_size() * static_cast<std::size_t>(height_); }
  const Between& column(int x) const { return columns_[static_cast<std::size_t>(x)]; }

  /// The row of cells that the pixels of row \p y see.
  void mix(const float* map, int y, float* mixed) const {
    const Between& row = rows_[static_cast<std::size_t>(y)];
    const float* const lower = map + static_cast<std::size_t>(row.lower) * row_size();
    const float* const upper = map + static_cast<std::size_t>(row.upper) * row_size();
    for (std::size_t i = 0; i < row_size(); ++i) mixed[i] = lower[i] + (upper[i] - lower[i]) * row.share;
  }

  /// What mix() takes from, gets its share of \p gradient.
  void give_back(const float* gradient, int y, float* map) const {
    const Between& row = rows_[static_cast<std::size_t>(y)];
    float* const lower = map + static_cast<std::size_t>(row.lower) * row_size();
    float* const upper = map + static_cast<std::size_t>(row.upper) * row_size();
    for (std::size_t i = 0; i < row_size(); ++i) lower[i] += gradient[i] * (1 - row.share);
    if (row.share == 0) return;
    for (std::size_t i = 0; i < row_size(); ++i) upper[i] += gradient[i] * row.share;
  }

 private:
  int width_;
  int height_;
  std::vector<Between> columns_;
  std::vector<Between> rows_;
};

/// Memory of a thread.
struct Scratch {
  std::vector<float> image;  ///< the rest image with a face, [512][512][4]
  std::vector<float> flow, appearance, flow_gradient, appearance_gradient;  ///< rows of cells
};

/// Frames of a batch, one by one.
class FramePass {
 public:
  FramePass(const BodyMaps& maps, const BlendedFrames& frames, std::size_t count, double squared_weight)
      : region_(frames.window().region),
        flow_(maps.flow_size, frames.window()),
        appearance_(maps.appearance_size, frames.window()),
        rest_(frames.rest_image().permute({1, 2, 0}).contiguous()),
        scale_(1 / (static_cast<double>(count) * kColors * region_.width * region_.height)),
        gradient_(static_cast<float>(scale_)),
        squared_gradient_(static_cast<float>(2 * scale_ * squared_weight)),
        squared_weight_(squared_weight) {}

  void prepare(Scratch& scratch) const {
    if (!scratch.image.empty()) return;
    const float* const rest = rest_.data_ptr<float>();
    scratch.image.assign(rest, rest + rest_.numel());
    scratch.flow.resize(flow_.row_size());
    scratch.appearance.resize(appearance_.row_size());
  }

  /// The loss's share of a frame; adds to the gradients.
  double run(const float* flow, const float* appearance, const std::int16_t* expected, Scratch& scratch,
             float* flow_gradient, float* appearance_gradient) const {
    Color absolutes{}, squares{};
    double loss = 0;
    for (int y = 0; y < region_.height; ++y) {
      flow_.mix(flow, y, scratch.flow.data());
      appearance_.mix(appearance, y, scratch.appearance.data());
      scratch.flow_gradient.assign(flow_.row_size(), 0);
      scratch.appearance_gradient.assign(appearance_.row_size(), 0);
      absolutes = squares = Color{};
      for (int x = 0; x < region_.width; ++x, expected += kColors) {
        const Color error = pixel(x, y, expected, scratch);
        absolutes += absolute(error);
        squares += error * error;
      }
      loss += (sum_of(absolutes) + squared_weight_ * sum_of(squares)) * scale_;
      flow_.give_back(scratch.flow_gradient.data(), y, flow_gradient);
      appearance_.give_back(scratch.appearance_gradient.data(), y, appearance_gradient);
    }
    return loss;
  }

  std::size_t flow_size() const { return flow_.map_size(); }
  std::size_t appearance_size() const { return appearance_.map_size(); }

 private:
  /// The error of a pixel, whose gradients go to the rows of cells.
  Color pixel(int x, int y, const std::int16_t* expected, Scratch& scratch) const {
    constexpr float kPixelsPerFlow = kImageSize / 2.0F;
    const Between& f = flow_.column(x);
    const float* const f0 = scratch.flow.data() + f.lower * kFlow;
    const float* const f1 = scratch.flow.data() + f.upper * kFlow;
    const float flow_x = f0[0] + (f1[0] - f0[0]) * f.share, flow_y = f0[1] + (f1[1] - f0[1]) * f.share;
    const Between& a = appearance_.column(x);
    const float* const a0 = scratch.appearance.data() + a.lower * kAppearance;
    const float* const a1 = scratch.appearance.data() + a.upper * kAppearance;
    const float given = a0[0] + (a1[0] - a0[0]) * a.share;
    const float kept = 1 - std::clamp(given, 0.0F, 1.0F);
    const Color drawn = load_color(a0 + 1) + (load_color(a1 + 1) - load_color(a0 + 1)) * a.share;
    const ColorSample warped =
        color_sample(scratch.image, static_cast<float>(region_.x + x) + flow_x * kPixelsPerFlow,
                     static_cast<float>(region_.y + y) + flow_y * kPixelsPerFlow);
    const Color truth = plain_color(expected);
    const Color error = warped.color * kept + drawn - truth;

    const Color none{};
    const Color sign = error > 0 ? none + 1 : (error < 0 ? none - 1 : none);
    const Color gradient = sign * gradient_ + error * squared_gradient_;
    const float by_x = sum_of(gradient * warped.along_x) * kept * kPixelsPerFlow;
    const float by_y = sum_of(gradient * warped.along_y) * kept * kPixelsPerFlow;
    const float by_alpha = given >= 0 && given <= 1 ? -sum_of(gradient * warped.color) : 0;
    const auto give = [&](int flow_cell, float flow_share, int cell, float share) {
      float* const g = scratch.flow_gradient.data() + flow_cell * kFlow;
      g[0] += by_x * flow_share;
      g[1] += by_y * flow_share;
      float* const h = scratch.appearance_gradient.data() + cell * kAppearance;
      h[0] += by_alpha * share;
      add_to(h + 1, gradient * share);
    };
    give(f.lower, 1 - f.share, a.lower, 1 - a.share);
    give(f.upper, f.share, a.upper, a.share);
    return error;
  }

  Region region_;
  MapView<kFlow> flow_;
  MapView<kAppearance> appearance_;
  at::Tensor rest_;
  double scale_;
  float gradient_;
  float squared_gradient_;
  double squared_weight_;
};

}  // namespace

BlendedGradients blended_gradients(const BodyMaps& maps, const BlendedFrames& frames,
                                   const std::vector<std::int64_t>& rows, double squared_weight) {
  const FramePass pass(maps, frames, rows.size(), squared_weight);
  BlendedGradients result{0, torch::zeros_like(maps.flow), torch::zeros_like(maps.appearance)};
  const std::int64_t frame_size = frames.blended().stride(0), face_size = frames.faces().stride(0);
  const float* const flow = maps.flow.data_ptr<float>();
  const float* const appearance = maps.appearance.data_ptr<float>();
  float* const flow_gradient = result.flow.data_ptr<float>();
  float* const appearance_gradient = result.appearance.data_ptr<float>();
  const std::int16_t* const blended = frames.blended().data_ptr<std::int16_t>();
  const std::int16_t* const faces = frames.faces().data_ptr<std::int16_t>();
  // Added up in the order of the frames, so that threads make no difference.
  std::vector<double> losses(rows.size());
  at::parallel_for(0, static_cast<std::int64_t>(rows.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    Scratch scratch;
    pass.prepare(scratch);
    for (std::int64_t i = begin; i < end; ++i) {
      const auto at = static_cast<std::size_t>(i);
      paste_face(faces + rows[at] * face_size, scratch.image);
      losses[at] = pass.run(flow + at * pass.flow_size(), appearance + at * pass.appearance_size(),
                            blended + rows[at] * frame_size, scratch, flow_gradient + at * pass.flow_size(),
                            appearance_gradient + at * pass.appearance_size());
    }
  });
  result.loss = std::accumulate(losses.begin(), losses.end(), 0.0);
  return result;
}

}  // namespace tha4
