#include <algorithm>
#include <cstring>

#include "gpu_siren.h"
#include "gpu_siren_level.h"
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr unsigned kBlock = 256;

unsigned blocks_for(std::int64_t threads) {
  return static_cast<unsigned>((threads + kBlock - 1) / kBlock);
}

}  // namespace

void GpuSiren::plan(std::span<const PlannedStep> steps) {
  if (steps.empty() || steps.size() > kMaxPlanned) throw Error("a plan has 1 to 64 steps");
  const auto window_bytes = static_cast<std::size_t>(windows_count_) * sizeof(kernels::SirenWindow);
  const auto room_bytes = static_cast<std::size_t>(windows_.numel()) * sizeof(int);
  const at::Tensor plan = torch::zeros({static_cast<std::int64_t>(steps.size()), plan_.size(1)}, torch::kInt);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].windows.size() * sizeof(kernels::SirenWindow) != window_bytes) {
      throw Error("a planned step has another number of windows");
    }
    auto* const row = reinterpret_cast<std::byte*>(plan[static_cast<std::int64_t>(i)].data_ptr<int>());
    std::memcpy(row, steps[i].windows.data(), window_bytes);
    std::memcpy(row + room_bytes, &steps[i].settings, sizeof(kernels::SirenStep));
  }
  if (soap_) soap_->begin_plan(static_cast<int>(steps.size()), moments2_);
  plan_.narrow(0, 0, plan.size(0)).copy_(plan);
  next_.zero_();
}

void GpuSiren::begin_step() {
  update_program_.launch(
      device_, {.threads = 128},
      kernels::SirenNextStep{plan_.data_ptr<int>(), next_.data_ptr<int>(), windows_.data_ptr<int>(),
                             static_cast<int>(windows_.numel()), reinterpret_cast<int*>(step_.data_ptr()),
                             static_cast<int>(step_.numel())});
}

void GpuSiren::evaluate(int pass_number) {
  for (std::size_t at = 0; at < levels_.size(); ++at) {
    Level& level = *levels_[at];
    const int channels = siren_.levels[at].first_channels();
    const float* const first = plain_.data_ptr<float>() + places_.levels[at].first_weights;
    update_program_.launch(
        device_,
        {.x = blocks_for(std::max(channels, first_inputs(siren_.pose_size))),
         .y = static_cast<unsigned>(pass_windows_),
         .threads = kBlock},
        kernels::SirenPoseTerm{windows(pass_number), poses_.data_ptr<float>(), siren_.pose_size, channels,
                               first, level.pose_terms.data_ptr<float>(), pose_inputs_.data_ptr(),
                               first_inputs(siren_.pose_size)});
    kernels::SirenForward pass{};
    pass.at = pixels_of(at, pass_number);
    pass.tiles = static_cast<int>(filled_pixels(at)) / (kStep * level.forward_layout.tiles);
    pass.weights = forward_.data_ptr<short>() + places_.levels[at].forward;
    pass.biases = plain_.data_ptr<float>() + places_.levels[at].biases;
    pass.of_position = first;
    pass.of_pose = level.pose_terms.data_ptr<float>();
    if (at > 0) {
      pass.map = results_[at - 1].data_ptr<float>();
      pass.map_offset = levels_[at - 1]->offset;
      pass.map_size = levels_[at - 1]->size;
      pass.map_resolution = siren_.levels[at - 1].resolution;
    }
    for (std::size_t i = 0; i < level.arguments.size(); ++i) {
      pass.arguments[i] = level.arguments[i].data_ptr();
    }
    pass.results = results_[at].data_ptr<float>();
    level.forward.launch(device_,
                         level.grid(level.forward_layout, pass.tiles, limits_,
                                    sizeof(float) * static_cast<std::size_t>(siren_.levels[at].biases())),
                         pass);
  }
}

void GpuSiren::differentiate(int pass_number) {
  for (std::size_t at = levels_.size(); at-- > 0;) {
    Level& level = *levels_[at];
    kernels::SirenBackward pass{};
    pass.tiles = static_cast<int>(filled_pixels(at)) / (kStep * level.backward_layout.tiles);
    pass.weights = backward_.data_ptr<short>() + places_.levels[at].backward;
    for (std::size_t i = 0; i < level.arguments.size(); ++i) {
      pass.arguments[i] = level.arguments[i].data_ptr();
      pass.of_arguments[i] = level.of_arguments[i].data_ptr();
    }
    pass.of_results = of_results_[at].data_ptr();
    level.backward.launch(device_, level.grid(level.backward_layout, pass.tiles, limits_, 0), pass);
    if (at > 0) differentiate_map(at, pass_number);
  }
  for (const auto& gradient : gradients_) sum_gradient(*gradient, pass_number);
  queue_gradient_sum(parts_table_, pass_number > 0);
}

/// Of no parts added to the gradients, which gives the squares of what they are by now.
void GpuSiren::measure_gradients() {
  queue_gradient_sum(no_parts_table_, true);
}

void GpuSiren::queue_gradient_sum(const at::Tensor& parts, bool adds) {
  const CudaGrid grid{
      .x = blocks_for(largest_gradient_), .y = static_cast<unsigned>(gradients_.size()), .threads = kBlock};
  update_program_.launch(
      device_, grid,
      kernels::SirenGradientSum{static_cast<const kernels::SirenGradientParts*>(parts.data_ptr()), adds,
                                gradient_.data_ptr<float>(), squares_.data_ptr<float>()});
}

void GpuSiren::differentiate_map(std::size_t at, int pass) {
  const Level &fine = *levels_[at], &coarse = *levels_[at - 1];
  const int channels = siren_.levels[at].first_channels();
  const kernels::SirenMapGradient map{
      .windows = pass_windows_,
      .channels = channels,
      .fine_offset = fine.offset,
      .fine_size = fine.size,
      .fine_resolution = siren_.levels[at].resolution,
      .coarse_offset = coarse.offset,
      .coarse_size = coarse.size,
      .coarse_resolution = siren_.levels[at - 1].resolution,
      .factor = siren_.levels.back().resolution / siren_.levels[at - 1].resolution,
      .at = windows(pass),
      .of_arguments = fine.of_arguments.front().data_ptr(),
      .of_map = of_results_[at - 1].data_ptr()};
  const std::int64_t threads =
      static_cast<std::int64_t>(pass_windows_) * coarse.size * coarse.size * (channels / 8);
  map_gradient_.launch(device_, {.x = blocks_for(threads), .threads = kBlock}, map);
}

void GpuSiren::sum_gradient(const Gradient& gradient, int pass_number) {
  const Level& level = *levels_[gradient.level];
  const bool is_results = gradient.matrix == level.of_arguments.size();
  kernels::SirenWeightGradient pass{};
  pass.tiles = static_cast<int>(filled_pixels(gradient.level)) / gradient.pixels;
  pass.of_outputs =
      is_results ? of_results_[gradient.level].data_ptr() : level.of_arguments[gradient.matrix].data_ptr();
  if (gradient.matrix > 0) pass.arguments = level.arguments[gradient.matrix - 1].data_ptr();
  pass.outputs = gradient.outputs;
  pass.inputs = gradient.inputs;
  pass.parts = gradient.parts.data_ptr<float>();
  pass.at = pixels_of(gradient.level, pass_number);
  pass.pose_inputs = pose_inputs_.data_ptr();
  gradient.program.launch(device_, gradient.grid, pass);
}

void GpuSiren::update() {
  const auto count = parameters_.size(0);
  update_program_.launch(
      device_, {.x = blocks_for(count), .threads = kBlock},
      kernels::SirenDirection{.step = step(),
                              .count = static_cast<int>(count),
                              .table = static_cast<const kernels::SirenParameter*>(table_.data_ptr()),
                              .gradients = gradient_.data_ptr<float>(),
                              .squares = squares_.data_ptr<float>(),
                              .squares_count = static_cast<int>(squares_.size(0)),
                              .moment1 = moments1_.data_ptr<float>(),
                              .moment2 = moments2_.data_ptr<float>(),
                              .is_rotated = soap_ ? soap_->is_rotated() : nullptr,
                              .clipped = soap_ ? soap_->clipped() : nullptr,
                              .directions = directions_.data_ptr<float>(),
                              .is_taken = is_taken_.data_ptr<int>()});
  if (soap_) soap_->find_directions(step(), is_taken_.data_ptr<int>(), moments1_, moments2_, directions_);
  queue_update();
}

void GpuSiren::queue_update() {
  const auto count = parameters_.size(0);
  update_program_.launch(
      device_, {.x = blocks_for(count), .threads = kBlock},
      kernels::SirenUpdate{.step = step(),
                           .is_taken = is_taken_.data_ptr<int>(),
                           .count = static_cast<int>(count),
                           .table = static_cast<const kernels::SirenParameter*>(table_.data_ptr()),
                           .directions = directions_.data_ptr<float>(),
                           .parameters = parameters_.data_ptr<float>(),
                           .average = average_.data_ptr<float>(),
                           .forward = forward_.data_ptr(),
                           .backward = backward_.data_ptr(),
                           .plain = plain_.data_ptr<float>()});
}

StateDict GpuSiren::by_name(const at::Tensor& flat) const {
  const at::Tensor values = flat.cpu();
  StateDict named;
  std::int64_t at = 0;
  for (const auto& item : shapes_) {
    const std::int64_t count = item.value().numel();
    named.insert(item.key(), values.narrow(0, at, count).view(item.value().sizes()).clone());
    at += count;
  }
  return named;
}

StateDict GpuSiren::gradients() const {
  const at::Tensor sums = gradient_.cpu();
  const float* const all = sums.data_ptr<float>();
  at::Tensor flat = torch::empty({parameters_.size(0)});
  float* const values = flat.data_ptr<float>();
  for (std::size_t i = 0; i < places_.table.size(); ++i) {
    const kernels::SirenParameter& place = places_.table[i];
    values[i] = all[place.gradient] + (place.second_gradient < 0 ? 0 : all[place.second_gradient]);
  }
  return by_name(flat);
}

void GpuSiren::take(const at::Tensor& flat, const StateDict& values) {
  if (values.is_empty()) {
    flat.zero_();
    return;
  }
  std::vector<at::Tensor> parts;
  for (const auto& item : shapes_)
    parts.push_back(values[item.key()].to(torch::kCPU, torch::kFloat32).flatten());
  flat.copy_(torch::cat(parts));
}

void GpuSiren::restore(const StateDict& network, const StateDict& average, const StateDict& moments1,
                       const StateDict& moments2) {
  take(parameters_, network);
  // No step writes the copies that kernels read.
  is_taken_.zero_();
  queue_update();
  take(average_, average);
  take(moments1_, moments1);
  take(moments2_, moments2);
}

}  // namespace tha4
