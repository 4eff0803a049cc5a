#include "tha4/nn/blocks/frame_sampling.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <torch/types.h>

namespace tha4 {
namespace {

/// Where the pixel centres `begin` to `begin + count` of `resolution` lie on an axis of `map_size` cells, in
/// cells from the first cell's centre, within the map.
std::vector<double> cell_coordinates(int map_size, int resolution, int begin, int count) {
  std::vector<double> coordinates(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const double coordinate = (begin + i + 0.5) * map_size / resolution - 0.5;
    coordinates[static_cast<std::size_t>(i)] = std::clamp(coordinate, 0.0, map_size - 1.0);
  }
  return coordinates;
}

/// Bilinear sampling along one axis: `map` selected at the lower and upper neighbours and mixed.
at::Tensor sample_axis(const at::Tensor& map, int axis, int map_size, int first_cell, int resolution,
                       int begin, int count) {
  if (map_size == resolution) return map.narrow(axis, begin - first_cell, count);
  std::vector<std::int64_t> lower, upper;
  std::vector<float> fractions;
  const int last_cell = first_cell + static_cast<int>(map.size(axis)) - 1;
  for (const double coordinate : cell_coordinates(map_size, resolution, begin, count)) {
    const int cell = static_cast<int>(std::floor(coordinate));
    lower.push_back(cell - first_cell);
    upper.push_back(std::min(cell + 1, last_cell) - first_cell);
    fractions.push_back(static_cast<float>(coordinate - cell));
  }
  std::vector<std::int64_t> shape(static_cast<std::size_t>(map.dim()), 1);
  shape[static_cast<std::size_t>(axis)] = count;
  const auto weight = torch::tensor(fractions).to(map.options()).view(shape);
  const auto indices = [&](const std::vector<std::int64_t>& cells) {
    return torch::tensor(cells, torch::kLong).to(map.device());
  };
  // Not torch::lerp, which rounds differently from one element to another, by where they lie in memory: a
  // value must not depend on the window that it was asked for with.
  return map.index_select(axis, indices(lower)) * (1 - weight) +
         map.index_select(axis, indices(upper)) * weight;
}

}  // namespace

at::Tensor pixel_centres(const FrameWindow& window, at::Device device) {
  const auto axis = [&](int begin, int count) {
    const auto index =
        torch::arange(begin, begin + count, torch::TensorOptions(torch::kFloat32).device(device));
    return (2 * index + 1) / window.resolution - 1;
  };
  const auto x = axis(window.region.x, window.region.width);
  const auto y = axis(window.region.y, window.region.height);
  const auto grid = torch::meshgrid({y, x}, "ij");
  return torch::stack({grid[1], grid[0]}, -1);
}

FrameWindow sampled_cells(int map_size, const FrameWindow& window) {
  const auto extent = [&](int begin, int count, int& first, int& cells) {
    const auto coordinates = cell_coordinates(map_size, window.resolution, begin, count);
    first = static_cast<int>(std::floor(coordinates.front()));
    const int last = std::min(static_cast<int>(std::floor(coordinates.back())) + 1, map_size - 1);
    cells = last - first + 1;
  };
  FrameWindow cells;
  cells.resolution = map_size;
  extent(window.region.x, window.region.width, cells.region.x, cells.region.width);
  extent(window.region.y, window.region.height, cells.region.y, cells.region.height);
  return cells;
}

at::Tensor sample_map(const at::Tensor& map, const FrameWindow& cells, const FrameWindow& window) {
  const Region& wanted = window.region;
  const auto rows =
      sample_axis(map, 1, cells.resolution, cells.region.y, window.resolution, wanted.y, wanted.height);
  return sample_axis(rows, 2, cells.resolution, cells.region.x, window.resolution, wanted.x, wanted.width);
}

at::Tensor warp(const at::Tensor& image, const at::Tensor& flow, const FrameWindow& window) {
  const auto type = torch::GradMode::is_enabled() ? flow.scalar_type() : torch::kFloat64;
  const auto grid = pixel_centres(window, flow.device()).to(type) + flow.permute({0, 2, 3, 1}).to(type);
  return torch::grid_sampler(image.to(type), grid, /*bilinear*/ 0, /*border*/ 1, /*align_corners=*/false)
      .to(image.scalar_type());
}

}  // namespace tha4
