#include "moving_pixels.h"

#include <algorithm>
#include <numeric>

#include "pixel_colors.h"
#include <ATen/Parallel.h>
#include <torch/types.h>

namespace tha4 {
namespace {

constexpr int kMotionChannels = 2;
constexpr int kFlowChannels = 2;
constexpr int kAppearanceChannels = 5;
constexpr float kPixelsPerFlow = kImageSize / 2.0F;

/// The cells of a map with the channels of a cell beside each other, as a thread has them: those of its tiles
/// are a pose's own, all others the mean.
template <int Channels>
class Cells {
 public:
  explicit Cells(const DrawnTiles& tiles)
      : side_(tiles.map->options().tile_size),
        size_(tiles.map->options().size),
        tiles_(tiles.values),
        mean_(tiles.map->mean.detach().permute({1, 2, 0}).contiguous()),
        places_(tiles.map->tiles) {}

  int size() const { return size_; }
  std::size_t row_size() const { return static_cast<std::size_t>(size_) * Channels; }

  std::vector<float> means() const {
    return {mean_.data_ptr<float>(), mean_.data_ptr<float>() + mean_.numel()};
  }

  /// Puts the tiles of pose \p pose into \p cells, and zeros into the same cells of \p gradient.
  void put(std::int64_t pose, std::vector<float>& cells, std::vector<float>& gradient) const {
    const float* const mean = mean_.data_ptr<float>();
    for_rows(tiles_, pose, [&](const float* values, std::ptrdiff_t at) {
      for (int x = 0; x < side_; ++x) {
        for (int channel = 0; channel < Channels; ++channel) {
          const std::ptrdiff_t place = at + x * Channels + channel;
          cells[static_cast<std::size_t>(place)] = mean[place] + values[channel * side_ * side_ + x];
        }
      }
      std::fill_n(gradient.begin() + at, side_ * Channels, 0.0F);
    });
  }

  /// Puts \p gradient where the tiles' values lie in \p result.
  void take(std::int64_t pose, const std::vector<float>& gradient, const at::Tensor& result) const {
    for_rows(result, pose, [&](float* values, std::ptrdiff_t at) {
      for (int x = 0; x < side_; ++x) {
        for (int channel = 0; channel < Channels; ++channel) {
          values[channel * side_ * side_ + x] =
              gradient[static_cast<std::size_t>(at + x * Channels + channel)];
        }
      }
    });
  }

 private:
  /// Calls work(values of the first channel, place of the first cell) for the rows of all tiles.
  template <class Work>
  void for_rows(const at::Tensor& tiles, std::int64_t pose, const Work& work) const {
    const int across = size_ / side_;
    const std::int64_t* const places = places_.template data_ptr<std::int64_t>();
    float* values = tiles.template data_ptr<float>() + pose * tiles.stride(1);
    for (std::int64_t tile = 0; tile < tiles.size(0); ++tile, values += tiles.stride(0)) {
      const auto place = static_cast<int>(places[tile]);
      const std::ptrdiff_t first =
          (static_cast<std::ptrdiff_t>(place / across) * size_ + place % across) * side_;
      for (int y = 0; y < side_; ++y) work(values + y * side_, (first + y * size_) * Channels);
    }
  }

  int side_;
  int size_;
  at::Tensor tiles_;
  at::Tensor mean_;
  at::Tensor places_;
};

/// Where a place lies on an axis of a map.
struct Along {
  int cell;
  int next;     ///< from that cell to the next one; 0: there is none
  float share;  ///< of the next one
  float scale;  ///< cells of a pixel; 0 beyond the border, where nothing changes

  /// \param at  in pixels from the first centre
  Along(float at, int size) : scale(static_cast<float>(size) / kImageSize) {
    const float exact = (at + 0.5F) * scale - 0.5F, last = static_cast<float>(size - 1);
    const float inside = exact > 0 ? std::min(exact, last) : 0;  // what is no number counts as 0
    cell = std::min(static_cast<int>(inside), std::max(size - 2, 0));
    next = size > 1 ? 1 : 0;
    share = inside - static_cast<float>(cell);
    if (!(exact > 0 && exact < last)) scale = 0;
  }
};

/// The four cells around a place, in floats of a map, and their shares.
struct Corners {
  Along x, y;
  std::ptrdiff_t at[4];
  float share[4];

  Corners(float place_x, float place_y, int size, int channels) : x(place_x, size), y(place_y, size) {
    at[0] = (static_cast<std::ptrdiff_t>(y.cell) * size + x.cell) * channels;
    at[1] = at[0] + x.next * channels;
    at[2] = at[0] + static_cast<std::ptrdiff_t>(y.next) * size * channels;
    at[3] = at[2] + x.next * channels;
    share[0] = (1 - x.share) * (1 - y.share);
    share[1] = x.share * (1 - y.share);
    share[2] = (1 - x.share) * y.share;
    share[3] = x.share * y.share;
  }

  /// The mean of a number of each corner, and how it changes along x and y, by a pixel.
  template <class Number>
  void mix(const Number (&of)[4], Number& mean, Number& along_x, Number& along_y) const {
    const Number upper = of[0] + (of[1] - of[0]) * x.share, lower = of[2] + (of[3] - of[2]) * x.share;
    mean = upper + (lower - upper) * y.share;
    along_y = (lower - upper) * y.scale;
    along_x = ((of[1] - of[0]) * (1 - y.share) + (of[3] - of[2]) * y.share) * x.scale;
  }
};

/// Memory of a thread.
struct MovingScratch {
  std::vector<float> image;  ///< the rest image with a face, [512][512][4]
  std::vector<float> motion, flow, appearance;
  std::vector<float> motion_gradient, flow_gradient, appearance_gradient;
  std::vector<float> row, row_gradient;  ///< of the motion
};

/// Frames of a batch, one by one.
class MovingPass {
 public:
  MovingPass(const MovingMaps& maps, const BlendedFrames& frames, std::size_t count, double squared_weight)
      : region_(frames.window().region),
        motion_(maps.motion),
        flow_(maps.flow),
        appearance_(maps.appearance),
        columns_(places_of(region_.x, region_.width, motion_.size(), 0)),
        rows_(places_of(region_.y, region_.height, motion_.size(), 0)),
        rest_(frames.rest_image().permute({1, 2, 0}).contiguous()),
        scale_(1 / (static_cast<double>(count) * kColors * region_.width * region_.height)),
        gradient_(static_cast<float>(scale_)),
        squared_gradient_(static_cast<float>(2 * scale_ * squared_weight)),
        squared_weight_(squared_weight) {}

  void prepare(MovingScratch& scratch) const {
    const float* const rest = rest_.data_ptr<float>();
    scratch.image.assign(rest, rest + rest_.numel());
    scratch.motion = motion_.means();
    scratch.flow = flow_.means();
    scratch.appearance = appearance_.means();
    scratch.motion_gradient.resize(scratch.motion.size());
    scratch.flow_gradient.resize(scratch.flow.size());
    scratch.appearance_gradient.resize(scratch.appearance.size());
    scratch.row.resize(motion_.row_size());
    scratch.row_gradient.resize(motion_.row_size());
  }

  /// The loss's share of the frame \p expected that pose \p pose shall give.
  double run(std::int64_t pose, const std::int16_t* expected, MovingScratch& scratch,
             const MovingGradients& result) const {
    motion_.put(pose, scratch.motion, scratch.motion_gradient);
    flow_.put(pose, scratch.flow, scratch.flow_gradient);
    appearance_.put(pose, scratch.appearance, scratch.appearance_gradient);
    double loss = 0;
    for (int y = 0; y < region_.height; ++y) {
      mix_motion(y, scratch);
      Color absolutes{}, squares{};
      for (int x = 0; x < region_.width; ++x, expected += kColors) {
        const Color error = pixel(x, y, expected, scratch);
        absolutes += absolute(error);
        squares += error * error;
      }
      loss += (sum_of(absolutes) + squared_weight_ * sum_of(squares)) * scale_;
      give_motion_back(y, scratch);
    }
    motion_.take(pose, scratch.motion_gradient, result.motion);
    flow_.take(pose, scratch.flow_gradient, result.flow);
    appearance_.take(pose, scratch.appearance_gradient, result.appearance);
    return loss;
  }

 private:
  void mix_motion(int y, MovingScratch& scratch) const {
    const Between& row = rows_[static_cast<std::size_t>(y)];
    const float* const lower =
        scratch.motion.data() + static_cast<std::size_t>(row.lower) * motion_.row_size();
    const float* const upper =
        scratch.motion.data() + static_cast<std::size_t>(row.upper) * motion_.row_size();
    for (std::size_t i = 0; i < scratch.row.size(); ++i) {
      scratch.row[i] = lower[i] + (upper[i] - lower[i]) * row.share;
    }
    std::fill(scratch.row_gradient.begin(), scratch.row_gradient.end(), 0.0F);
  }

  void give_motion_back(int y, MovingScratch& scratch) const {
    const Between& row = rows_[static_cast<std::size_t>(y)];
    float* const lower =
        scratch.motion_gradient.data() + static_cast<std::size_t>(row.lower) * motion_.row_size();
    float* const upper =
        scratch.motion_gradient.data() + static_cast<std::size_t>(row.upper) * motion_.row_size();
    for (std::size_t i = 0; i < scratch.row_gradient.size(); ++i) {
      lower[i] += scratch.row_gradient[i] * (1 - row.share);
      upper[i] += scratch.row_gradient[i] * row.share;
    }
  }

  /// The error of a pixel, whose gradients go to the cells.
  Color pixel(int column, int row, const std::int16_t* expected, MovingScratch& scratch) const {
    const Between& m = columns_[static_cast<std::size_t>(column)];
    const float* const m0 = scratch.row.data() + m.lower * kMotionChannels;
    const float* const m1 = scratch.row.data() + m.upper * kMotionChannels;
    // Where the motion leads, in pixels.
    const float x =
        static_cast<float>(region_.x + column) + (m0[0] + (m1[0] - m0[0]) * m.share) * kPixelsPerFlow;
    const float y =
        static_cast<float>(region_.y + row) + (m0[1] + (m1[1] - m0[1]) * m.share) * kPixelsPerFlow;

    const Corners f(x, y, flow_.size(), kFlowChannels);
    float flow[kFlowChannels], flow_by_x[kFlowChannels], flow_by_y[kFlowChannels];
    for (int axis = 0; axis < kFlowChannels; ++axis) {
      const auto cell = [&](int i) { return scratch.flow[static_cast<std::size_t>(f.at[i] + axis)]; };
      f.mix({cell(0), cell(1), cell(2), cell(3)}, flow[axis], flow_by_x[axis], flow_by_y[axis]);
    }
    const Corners a(x, y, appearance_.size(), kAppearanceChannels);
    const float* const cells = scratch.appearance.data();
    float given, given_by_x, given_by_y;
    a.mix({cells[a.at[0]], cells[a.at[1]], cells[a.at[2]], cells[a.at[3]]}, given, given_by_x, given_by_y);
    Color drawn, drawn_by_x, drawn_by_y;
    const auto colors = [&](int i) { return load_color(cells + a.at[i] + 1); };
    a.mix({colors(0), colors(1), colors(2), colors(3)}, drawn, drawn_by_x, drawn_by_y);

    const float kept = 1 - std::clamp(given, 0.0F, 1.0F);
    const ColorSample warped =
        color_sample(scratch.image, x + flow[0] * kPixelsPerFlow, y + flow[1] * kPixelsPerFlow);
    const Color error = warped.color * kept + drawn - plain_color(expected);

    const Color none{};
    const Color sign = error > 0 ? none + 1 : (error < 0 ? none - 1 : none);
    const Color gradient = sign * gradient_ + error * squared_gradient_;
    // By the place in the rest image, in pixels.
    const float by_source_x = sum_of(gradient * warped.along_x) * kept;
    const float by_source_y = sum_of(gradient * warped.along_y) * kept;
    const float by_flow[kFlowChannels] = {by_source_x * kPixelsPerFlow, by_source_y * kPixelsPerFlow};
    const float by_alpha = given >= 0 && given <= 1 ? -sum_of(gradient * warped.color) : 0;
    const float by_x = by_source_x + by_flow[0] * flow_by_x[0] + by_flow[1] * flow_by_x[1] +
                       by_alpha * given_by_x + sum_of(gradient * drawn_by_x);
    const float by_y = by_source_y + by_flow[0] * flow_by_y[0] + by_flow[1] * flow_by_y[1] +
                       by_alpha * given_by_y + sum_of(gradient * drawn_by_y);

    for (int i = 0; i < 4; ++i) {
      float* const to_flow = scratch.flow_gradient.data() + f.at[i];
      to_flow[0] += by_flow[0] * f.share[i];
      to_flow[1] += by_flow[1] * f.share[i];
      float* const to_appearance = scratch.appearance_gradient.data() + a.at[i];
      to_appearance[0] += by_alpha * a.share[i];
      add_to(to_appearance + 1, gradient * a.share[i]);
    }
    const auto give = [&](int cell, float share) {
      float* const to = scratch.row_gradient.data() + cell * kMotionChannels;
      to[0] += by_x * kPixelsPerFlow * share;
      to[1] += by_y * kPixelsPerFlow * share;
    };
    give(m.lower, 1 - m.share);
    give(m.upper, m.share);
    return error;
  }

  Region region_;
  Cells<kMotionChannels> motion_;
  Cells<kFlowChannels> flow_;
  Cells<kAppearanceChannels> appearance_;
  std::vector<Between> columns_, rows_;  ///< of the motion
  at::Tensor rest_;
  double scale_;
  float gradient_;
  float squared_gradient_;
  double squared_weight_;
};

}  // namespace

MovingGradients moving_gradients(const MovingMaps& maps, const BlendedFrames& frames,
                                 const std::vector<std::int64_t>& rows, double squared_weight) {
  const MovingPass pass(maps, frames, rows.size(), squared_weight);
  MovingGradients result{0, torch::empty_like(maps.motion.values), torch::empty_like(maps.flow.values),
                         torch::empty_like(maps.appearance.values)};
  const std::int64_t frame_size = frames.blended().stride(0), face_size = frames.faces().stride(0);
  const std::int16_t* const blended = frames.blended().data_ptr<std::int16_t>();
  const std::int16_t* const faces = frames.faces().data_ptr<std::int16_t>();
  // Added up in the order of the frames, so that threads make no difference.
  std::vector<double> losses(rows.size());
  at::parallel_for(0, static_cast<std::int64_t>(rows.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    MovingScratch scratch;
    pass.prepare(scratch);
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t frame = rows[static_cast<std::size_t>(i)];
      paste_face(faces + frame * face_size, scratch.image);
      losses[static_cast<std::size_t>(i)] = pass.run(i, blended + frame * frame_size, scratch, result);
    }
  });
  result.loss = std::accumulate(losses.begin(), losses.end(), 0.0);
  return result;
}

}  // namespace tha4
