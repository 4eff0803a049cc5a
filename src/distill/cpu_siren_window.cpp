#include "cpu_siren_window.h"

#include <algorithm>
#include <numeric>

namespace tha4 {
namespace {

constexpr int kPosition = 2;
constexpr int kAlignment = kMaxTrainedLanes;

/// Tiles of planes, and what lies between them, so that they are no power of two apart.
std::ptrdiff_t plane_stride(int tiles) {
  return static_cast<std::ptrdiff_t>(tiles) * kTrainedTile + kAlignment;
}

int tiles_of(int pixels) {
  return (pixels + kTrainedTile - 1) / kTrainedTile;
}

std::size_t product(int a, std::ptrdiff_t b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

}  // namespace

GradientSums::GradientSums(const std::vector<PackedLevel>& levels) {
  const int lanes = trained_lanes();
  std::size_t size = 0;
  const auto take = [&](std::size_t floats) {
    const std::size_t begin = size;
    size += (floats + kAlignment - 1) / kAlignment * kAlignment;
    return begin;
  };
  for (const PackedLevel& level : levels) {
    first_.push_back(take(product(level.first.place().inputs + 1, padded_to(level.first.channels(), 2))));
    std::vector<Place> places;
    for (const PackedMatrix& matrix : level.matrices) {
      const WeightPlace& place = matrix.place();
      places.push_back({take(product(place.outputs, padded_to(place.inputs, lanes))),
                        take(product(padded_to(place.outputs, 2), lanes))});
    }
    places_.push_back(std::move(places));
  }
  floats_ = AlignedFloats(size);
}

WindowWorker::WindowWorker(const std::vector<PackedLevel>& levels, SirenNumbers numbers, int largest_width,
                           int largest_height)
    : packed_(levels), numbers_(numbers), lanes_(trained_lanes()), levels_(levels.size()) {
  int widest = 0;
  for (const PackedLevel& level : levels) {
    widest = std::max(widest, level.first.channels());
    for (const PackedMatrix& matrix : level.matrices) widest = std::max(widest, matrix.place().outputs);
  }
  const std::size_t floats = product(padded_to(widest, kMaxTrainedLanes), kTrainedTile);
  for (AlignedFloats& operands : operands_) operands = AlignedFloats(floats);
  rows_ = AlignedFloats(floats);
  positions_ = AlignedFloats(2 * kTrainedTile);
  scratch_ = {{operands_[0].data(), operands_[1].data()}, rows_.data()};
  // Coarser levels may need a cell more for windows that begin at an odd pixel.
  place({.width = largest_width + 2, .height = largest_height + 2});
  for (std::size_t at = 0; at < levels_.size(); ++at) allocate(at);
  sampling_rows_ = AlignedFloats(sampling_row_floats(levels_.back().x.size));
}

void WindowWorker::place(const WindowPart& part) {
  for (std::size_t at = levels_.size(); at-- > 0;) {
    Level& level = levels_[at];
    if (at + 1 == levels_.size()) {
      level.x = {part.x, part.width, packed_[at].resolution};
      level.y = {part.y, part.height, packed_[at].resolution};
    } else {
      const Level& finer = levels_[at + 1];
      level.x = doubles(at + 1) ? finer.x.halved() : finer.x;
      level.y = doubles(at + 1) ? finer.y.halved() : finer.y;
    }
    level.tiles = tiles_of(level.pixels());
  }
}

bool WindowWorker::doubles(std::size_t at) const {
  return packed_[at].resolution != packed_[at - 1].resolution;
}

void WindowWorker::allocate(std::size_t at) {
  Level& level = levels_[at];
  const PackedLevel& packed = packed_[at];
  const bool is_last = at + 1 == levels_.size();
  const int pack = numbers_of_unit(numbers_);
  const auto take = [&](std::size_t floats) {
    const std::size_t begin = level.tile_floats;
    level.tile_floats += floats;
    return begin;
  };
  for (const PackedMatrix& matrix : packed.matrices) {
    const int channels = matrix.place().inputs;
    level.sines.push_back(take(product(padded_to(channels, kMaxTrainedLanes), kTrainedTile / pack)));
    level.cosines.push_back(take(product(padded_to(channels, 2), kTrainedTile / pack)));
  }
  const int channels = packed.first.channels();
  level.kept =
      AlignedFloats(product(is_last ? 1 : level.tiles, static_cast<std::ptrdiff_t>(level.tile_floats)));
  level.biases = AlignedFloats(product(padded_to(channels, 2), 1));
  level.first_gradient = AlignedFloats(product(3 * padded_to(channels, 2), lanes_));
  const std::ptrdiff_t stride = plane_stride(level.tiles);
  if (at > 0 && doubles(at)) level.map = AlignedFloats(product(channels, stride) + 2 * kSamplingSlack);
  level.results =
      AlignedFloats(product(packed.result_channels(), is_last ? kTrainedTile : stride) + 2 * kSamplingSlack);
}

/// Where kernels read and write until the next part.
void WindowWorker::begin(std::size_t at, const float* pose, GradientSums& sums) {
  Level& level = levels_[at];
  const PackedLevel& packed = packed_[at];
  packed.first.biases_of(pose, level.biases.data());
  level.first_gradient.clear();
  level.map_stride = level.result_stride = plane_stride(level.tiles);
  if (at + 1 == levels_.size()) level.result_stride = kTrainedTile;
  level.matrices.clear();
  for (std::size_t i = 0; i < packed.matrices.size(); ++i) {
    level.matrices.push_back(packed.matrices[i].arguments());
    level.matrices.back().gradient = sums.matrix(at, i);
    level.matrices.back().bias_gradient = sums.bias(at, i);
  }
  level.arguments = {.channels = packed.first.channels(),
                     .of_x = packed.first.of_x(),
                     .of_y = packed.first.of_y(),
                     .biases = level.biases.data(),
                     .first_gradient = level.first_gradient.data(),
                     .matrices = level.matrices.data(),
                     .count = static_cast<int>(level.matrices.size())};
}

TrainedTile WindowWorker::tile_of(std::size_t at, int number) {
  Level& level = levels_[at];
  const bool is_last = at + 1 == levels_.size();
  float *const x = positions_.data(), *const y = x + kTrainedTile;
  const float step = 2.0F / static_cast<float>(level.x.resolution);
  for (int i = 0; i < kTrainedTile; ++i) {
    const int pixel = number * kTrainedTile + i;
    x[i] = (static_cast<float>(level.x.begin + pixel % level.x.size) + 0.5F) * step - 1;
    y[i] = (static_cast<float>(level.y.begin + pixel / level.x.size) + 0.5F) * step - 1;
  }
  float* const kept =
      level.kept.data() + (is_last ? 0 : product(number, static_cast<std::ptrdiff_t>(level.tile_floats)));
  for (std::size_t i = 0; i < level.sines.size(); ++i) {
    sines_[i] = kept + level.sines[i];
    cosines_[i] = kept + level.cosines[i];
  }
  const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(number) * kTrainedTile;
  TrainedTile tile{.level = &level.arguments,
                   .pixels = std::min(kTrainedTile, level.pixels() - static_cast<int>(first)),
                   .x = x,
                   .y = y,
                   .sines = sines_.data(),
                   .cosines = cosines_.data()};
  if (at > 0) {
    // Without sampling, the results of the level before are the map.
    AlignedFloats& map = doubles(at) ? level.map : levels_[at - 1].results;
    tile.map = map.data() + kSamplingSlack + first;
    tile.map_stride = level.map_stride;
  }
  tile.results = level.results.data() + kSamplingSlack + (is_last ? 0 : first);
  tile.result_stride = level.result_stride;
  return tile;
}

SampledMap WindowWorker::sampled(std::size_t at) {
  Level &fine = levels_[at], &coarse = levels_[at - 1];
  return {.x = coarse.x,
          .y = coarse.y,
          .fine_x = fine.x,
          .fine_y = fine.y,
          .channels = packed_[at].first.channels(),
          .map = coarse.results.data() + kSamplingSlack,
          .map_stride = coarse.result_stride,
          .samples = fine.map.data() + kSamplingSlack,
          .sample_stride = fine.map_stride,
          .rows = sampling_rows_.data()};
}

void WindowWorker::evaluate(std::size_t at) {
  for (int tile = 0; tile < levels_[at].tiles; ++tile) evaluate_tile(numbers_, tile_of(at, tile), scratch_);
  if (doubles(at + 1)) sample_map_planes(sampled(at + 1));
}

void WindowWorker::differentiate_level(std::size_t at) {
  if (doubles(at + 1)) differentiate_map_planes(sampled(at + 1));
  for (int tile = 0; tile < levels_[at].tiles; ++tile)
    differentiate_tile(numbers_, tile_of(at, tile), scratch_);
}

void WindowWorker::differentiate_last(const WindowPart& part, const kernels::SirenStep& step,
                                      const StudentLoss& loss, double fraction,
                                      std::array<double, StudentLoss::kTerms>& terms) {
  const std::size_t at = levels_.size() - 1;
  std::array<int, kTrainedTile> x{}, y{};
  for (int number = 0; number < levels_[at].tiles; ++number) {
    const TrainedTile tile = tile_of(at, number);
    evaluate_tile(numbers_, tile, scratch_);
    const int first = number * kTrainedTile, count = std::min(kTrainedTile, part.pixels() - first);
    for (int i = 0; i < count; ++i) {
      x[static_cast<std::size_t>(i)] = part.x + (first + i) % part.width;
      y[static_cast<std::size_t>(i)] = part.y + (first + i) / part.width;
    }
    loss.differentiate(step,
                       {.frame = part.frame,
                        .x = x.data(),
                        .y = y.data(),
                        .count = count,
                        .planes = tile.results,
                        .stride = static_cast<int>(tile.result_stride),
                        .fraction = fraction},
                       terms);
    for (int result = 0; result < packed_[at].result_channels(); ++result) {
      std::fill_n(tile.results + result * tile.result_stride + count, kTrainedTile - count, 0.0F);
    }
    differentiate_tile(numbers_, tile, scratch_);
  }
}

/// Adds the gradient of the first layer, whose pose is the same at all pixels.
void WindowWorker::end(std::size_t at, const float* pose, GradientSums& sums) const {
  const PackedFirstLayer& first = packed_[at].first;
  const auto padded = static_cast<std::size_t>(padded_to(first.channels(), 2));
  const auto lanes = static_cast<std::size_t>(lanes_);
  float* const gradient = sums.first(at);
  const auto sum = [&](std::size_t which, std::size_t channel) {
    const float* const of_lanes = levels_[at].first_gradient.data() + (which * padded + channel) * lanes;
    return std::accumulate(of_lanes, of_lanes + lanes, 0.0F);
  };
  for (std::size_t channel = 0; channel < padded; ++channel) {
    const float all = sum(0, channel);
    gradient[channel] += sum(1, channel);
    gradient[padded + channel] += sum(2, channel);
    for (int i = 0; i < first.pose_size(); ++i) {
      gradient[static_cast<std::size_t>(kPosition + i) * padded + channel] += pose[i] * all;
    }
    gradient[static_cast<std::size_t>(first.place().inputs) * padded + channel] += all;
  }
}

void WindowWorker::differentiate(const WindowPart& part, const float* pose, const kernels::SirenStep& step,
                                 const StudentLoss& loss, double fraction, GradientSums& sums,
                                 std::array<double, StudentLoss::kTerms>& terms) {
  place(part);
  for (std::size_t at = 0; at < levels_.size(); ++at) begin(at, pose, sums);
  for (std::size_t at = 0; at + 1 < levels_.size(); ++at) evaluate(at);
  differentiate_last(part, step, loss, fraction, terms);
  for (std::size_t at = levels_.size() - 1; at-- > 0;) differentiate_level(at);
  for (std::size_t at = 0; at < levels_.size(); ++at) end(at, pose, sums);
}

}  // namespace tha4
