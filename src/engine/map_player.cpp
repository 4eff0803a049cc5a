#include "map_player.h"

#include <algorithm>
#include <utility>

#include <torch/types.h>

namespace tha4 {
namespace {

/// Parts that a layer is shared out in, at most: many enough for threads that are kept from running.
constexpr int kMaxTasks = 32;

int divided_up(int value, int step) {
  return (value + step - 1) / step;
}

/// How many of a convolution's tiles are a task: whole blocks, or, of a small map, parts of it that two
/// threads have as many of. The same for any number of threads, since sums are added up task by task.
int tiles_of_task(int tiles) {
  constexpr int kTileStep = 8;
  const int blocks = divided_up(tiles, kBlockTiles);
  if (blocks > kMaxTasks) return divided_up(blocks, kMaxTasks) * kBlockTiles;
  const int part = divided_up(tiles, blocks + blocks % 2);
  return divided_up(part, kTileStep) * kTileStep;
}

at::ScalarType scalar_type(MapType type) {
  return type == MapType::bf16 ? torch::kBFloat16 : torch::kFloat;
}

}  // namespace

MapPlayer::MapPlayer(MapType type, std::shared_ptr<TileWorkers> workers)
    : pool_(type), workers_(std::move(workers)), scratch_(static_cast<std::size_t>(workers_->threads())) {}

LayerMap MapPlayer::take(int height, int width, int channels) {
  return {.view = pool_.take(height, width, padded_channels(channels)), .channels = channels};
}

void MapPlayer::for_rows(int rows, int values_of_row, const std::function<void(int, int, int)>& work) {
  constexpr int kMinValues = 16384;  // that are worth a task
  const int min_rows = (kMinValues + values_of_row - 1) / values_of_row;
  const int step = std::max((rows + kMaxTasks - 1) / kMaxTasks, min_rows);
  workers_->run((rows + step - 1) / step, [&](std::int64_t task, int thread) {
    const int begin = static_cast<int>(task) * step;
    work(begin, std::min(begin + step, rows), thread);
  });
}

LayerMap MapPlayer::read(const at::Tensor& planes) {
  LayerMap map = take(static_cast<int>(planes.size(1)), static_cast<int>(planes.size(2)),
                      static_cast<int>(planes.size(0)));
  const PlanesTask task{.planes = planes.data_ptr<float>(),
                        .channel_step = planes.stride(0),
                        .row_step = planes.stride(1),
                        .pixel_step = planes.stride(2),
                        .channels = map.channels,
                        .to = *map.view};
  for_rows(map.view->height, map.view->width * map.view->channels,
           [&](int begin, int end, int) { read_planes(task, begin, end); });
  return map;
}

at::Tensor MapPlayer::tensor_of(const LayerMap& map) {
  const MapView& view = *map.view;
  return torch::from_blob(view.origin, {view.height, view.width, map.channels},
                          {view.row_step(), view.channels, 1}, scalar_type(view.type));
}

LayerMap MapPlayer::activate(const std::vector<const LayerMap*>& maps, const ChannelLines& lines,
                             MapActivation activation, bool halves) {
  const MapView& first = *maps.front()->view;
  int channels = 0;
  for (const LayerMap* map : maps) channels += map->view->channels;
  const int divisor = halves ? 2 : 1;
  LayerMap result = take(first.height / divisor, first.width / divisor, channels);
  std::vector<ActivationTask> tasks;
  int channel = 0;
  for (const LayerMap* map : maps) {
    tasks.push_back({.from = *map->view,
                     .to = *result.view,
                     .first_channel = channel,
                     .slopes = lines.slopes.data() + channel,
                     .intercepts = lines.intercepts.data() + channel,
                     .activation = activation,
                     .halves = halves});
    channel += map->view->channels;
  }
  activate_into(result, tasks);
  return result;
}

void MapPlayer::activate_into(const LayerMap& result, const std::vector<ActivationTask>& tasks) {
  for_rows(result.view->height, result.view->width * result.view->channels, [&](int begin, int end, int) {
    for (const ActivationTask& task : tasks) activate_rows(task, begin, end);
  });
}

LayerMap MapPlayer::settle(const LayerMap& map, const ChannelLines& lines, MapActivation activation,
                           const LayerMap* added, const LayerMap* beside) {
  const int own = map.view->channels, others = beside != nullptr ? beside->view->channels : 0;
  LayerMap result = take(map.view->height, map.view->width, beside != nullptr ? own + others : map.channels);
  std::vector<ActivationTask> tasks{{.from = *map.view,
                                     .to = *result.view,
                                     .slopes = lines.slopes.data(),
                                     .intercepts = lines.intercepts.data(),
                                     .activation = activation}};
  if (added != nullptr) tasks.front().added = *added->view;
  const std::vector<float> ones(static_cast<std::size_t>(others), 1), zeros(ones.size(), 0);
  if (beside != nullptr) {
    tasks.push_back({.from = *beside->view,
                     .to = *result.view,
                     .first_channel = own,
                     .slopes = ones.data(),
                     .intercepts = zeros.data(),
                     .activation = MapActivation::none});
  }
  activate_into(result, tasks);
  return result;
}

LayerMap MapPlayer::convolve_into(const ConvolutionTask& task, LayerMap to) {
  const int tiles = results_of(task).tiles(), step = tiles_of_task(tiles);
  const int tasks_of_kind = divided_up(tiles, step), parts = tasks_of_kind * task.convolution->kinds();
  const std::size_t channels = static_cast<std::size_t>(task.to.channels);
  std::vector<float> sums(static_cast<std::size_t>(parts) * 2 * channels);
  workers_->run(parts, [&](std::int64_t part, int thread) {
    const int begin = static_cast<int>(part) % tasks_of_kind * step;
    ConvolutionTask own = task;
    own.kind = static_cast<int>(part) / tasks_of_kind;
    convolve_tiles(own, scratch_[static_cast<std::size_t>(thread)], begin, std::min(begin + step, tiles),
                   sums.data() + static_cast<std::size_t>(part) * 2 * channels);
  });
  to.sums.assign(channels, 0);
  to.squares.assign(channels, 0);
  for (std::size_t part = 0; part < static_cast<std::size_t>(parts); ++part) {
    const float* const own = sums.data() + part * 2 * channels;
    for (std::size_t i = 0; i < channels; ++i) {
      to.sums[i] += own[i];
      to.squares[i] += own[channels + i];
    }
  }
  return to;
}

LayerMap MapPlayer::convolve(const PackedConvolution& convolution, const LayerMap& from, int outputs,
                             Addition addition, const MapView& added, std::shared_ptr<const MapView> target) {
  const int factor = convolution.doubles() ? 2 : 1, divisor = convolution.halves() ? 2 : 1;
  LayerMap to =
      target ? LayerMap{.view = std::move(target), .channels = outputs}
             : take(from.view->height * factor / divisor, from.view->width * factor / divisor, outputs);
  const ConvolutionTask task{
      .convolution = &convolution, .from = *from.view, .to = *to.view, .added = added, .addition = addition};
  return convolve_into(task, std::move(to));
}

LayerMap MapPlayer::convolve_to_floats(const PackedConvolution& convolution, const LayerMap& from,
                                       int outputs) {
  LayerMap to{.view = pool_.take(from.view->height, from.view->width, convolution.outputs, MapType::fp32),
              .channels = outputs};
  const ConvolutionTask task{.convolution = &convolution, .from = *from.view, .to = *to.view};
  return convolve_into(task, std::move(to));
}

LayerMap MapPlayer::mix(const std::vector<PackedConvolution>& convolutions,
                        const std::vector<const LayerMap*>& maps, int outputs) {
  LayerMap to = take(maps.front()->view->height, maps.front()->view->width, outputs);
  PointwiseTask task{.to = *to.view};
  for (std::size_t i = 0; i < maps.size(); ++i) {
    task.convolutions[i] = &convolutions[i];
    task.from[i] = *maps[i]->view;
  }
  for_rows(to.view->height, to.view->width * to.view->channels, [&](int begin, int end, int thread) {
    mix_channels(task, scratch_[static_cast<std::size_t>(thread)], begin, end);
  });
  return to;
}

LayerMap MapPlayer::write(const at::Tensor& values) {
  LayerMap map = take(static_cast<int>(values.size(0)), static_cast<int>(values.size(1)),
                      static_cast<int>(values.size(2)));
  LayerMap whole = map;
  whole.channels = map.view->channels;
  tensor_of(whole).narrow(2, map.channels, whole.channels - map.channels).zero_();
  tensor_of(map).copy_(values);
  const at::Tensor pixels = values.flatten(0, 1).to(torch::kDouble);
  const at::Tensor sums = pixels.sum(0), squares = pixels.square().sum(0);
  map.sums.assign(static_cast<std::size_t>(map.view->channels), 0);
  map.squares = map.sums;
  std::copy_n(sums.data_ptr<double>(), map.channels, map.sums.begin());
  std::copy_n(squares.data_ptr<double>(), map.channels, map.squares.begin());
  return map;
}

}  // namespace tha4
