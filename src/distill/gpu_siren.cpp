#include "gpu_siren.h"

#include <algorithm>
#include <utility>

#include "gpu_siren_level.h"
#include "siren_programs.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/sine_layer.h"

namespace tha4 {
namespace {

/// Pixels in a tile of any kernel divide this.
constexpr int kPixelMultiple = 64;

/// Room that static shared memory and the driver take.
constexpr std::size_t kReservedBytes = 2048;

std::size_t room(const CudaLimits& limits) {
  return limits.shared_bytes - kReservedBytes;
}

/// The most windows of a pass that divide those of a step.
int windows_of_pass(int windows, int window, int max_pixels) {
  int of_pass = std::clamp(max_pixels / (window * window), 1, windows);
  while (windows % of_pass != 0) --of_pass;
  return of_pass;
}

/// Of a window at one level.
struct Extent {
  int offset = 0;  ///< of its begin, in the level's pixels
  int size = 0;    ///< along a side
};

/// At each level: at the last one the window, at others the cells between which the next one's pixels lie.
/// Windows begin at multiples of alignment().
std::vector<Extent> extents_of(const TrainedSiren& siren, int window) {
  std::vector<Extent> extents(siren.levels.size());
  extents.back().size = window;
  for (std::size_t at = extents.size() - 1; at-- > 0;) {
    const Extent& next = extents[at + 1];
    const int ratio = siren.levels[at + 1].resolution / siren.levels[at].resolution;
    const auto cell_before = [&](int pixel) {  // floor((pixel + 1/2) / ratio - 1/2)
      const int doubled = 2 * pixel + 1 - ratio;
      return doubled >= 0 ? doubled / (2 * ratio) : -((-doubled + 2 * ratio - 1) / (2 * ratio));
    };
    extents[at].offset = cell_before(next.offset);
    extents[at].size = cell_before(next.offset + next.size - 1) + 2 - extents[at].offset;
  }
  return extents;
}

/// Pixels that are kept of so many windows.
std::int64_t pixels_for(int windows, int size) {
  return (static_cast<std::int64_t>(windows) * size * size + kPixelMultiple - 1) / kPixelMultiple *
         kPixelMultiple;
}

}  // namespace

std::int64_t GpuSiren::pixel_bytes(const TrainedSiren& siren, int windows, int window, int max_pixels) {
  const int of_pass = windows_of_pass(windows, window, max_pixels);
  const auto extents = extents_of(siren, window);
  std::int64_t bytes = 0;
  for (std::size_t at = 0; at < extents.size(); ++at) {
    const TrainedLevel& level = siren.levels[at];
    const bool is_last = at + 1 == extents.size();
    // Arguments and their gradients of 2 bytes each; results of 4, and their gradients.
    std::int64_t of_pixel = 4 * (is_last ? 8 : level.result_channels()) + 2 * level.result_channels();
    for (const int steps : level.sine_steps) of_pixel += 4 * kStep * steps;
    bytes += of_pixel * pixels_for(of_pass, extents[at].size);
  }
  return bytes;
}

bool GpuSiren::is_possible(const TrainedSiren& siren, c10::Device device) {
  if (!device.is_cuda() || !CudaProgram::is_possible()) return false;
  const CudaLimits limits = cuda_limits(device);
  if (limits.capability < 80) return false;
  return std::all_of(siren.levels.begin(), siren.levels.end(), [&](const TrainedLevel& level) {
    return level.sines.size() <= kernels::kMaxSineLayers && forward_layout(level, room(limits)) &&
           backward_layout(level, room(limits));
  });
}

GpuSiren::GpuSiren(const StateDict& network, TrainedSiren siren, int windows, int window, at::Tensor poses,
                   c10::Device device, int max_pixels)
    : siren_(std::move(siren)),
      device_(device),
      limits_(cuda_limits(device)),
      windows_count_(windows),
      window_(window),
      pass_windows_(windows_of_pass(windows, window, max_pixels)),
      max_windows_(windows),
      max_pass_windows_(pass_windows_),
      poses_(std::move(poses)),
      pose_inputs_(torch::zeros({pass_windows_, first_inputs(siren_.pose_size)},
                                torch::dtype(torch::kBFloat16).device(device))),
      windows_(torch::zeros({windows, 3}, torch::dtype(torch::kInt).device(device))),
      step_(torch::zeros({sizeof(kernels::SirenStep) / sizeof(float)}, torch::device(device))),
      plan_(torch::zeros({kMaxPlanned, windows_.numel() + step_.numel()}, windows_.options())),
      next_(torch::zeros({1}, windows_.options())),
      map_gradient_(siren_map_gradient_program()),
      update_program_(siren_update_program()) {
  std::vector<ChainLayout> forward, backward;
  levels_.resize(siren_.levels.size());
  for (std::size_t i = levels_.size(); i-- > 0;) allocate(i);
  for (const auto& level : levels_) {
    forward.push_back(level->forward_layout);
    backward.push_back(level->backward_layout);
  }
  places_ = place_parameters(network, siren_, forward, backward);
  const auto count = static_cast<std::int64_t>(places_.table.size());
  const auto floats = [&](std::int64_t size) { return torch::zeros({size}, torch::device(device)); };
  const auto shorts = [&](std::int64_t size) {
    return torch::zeros({size}, torch::dtype(torch::kShort).device(device));
  };
  table_ = torch::from_blob(places_.table.data(),
                            {count, static_cast<std::int64_t>(sizeof(kernels::SirenParameter) / sizeof(int))},
                            torch::kInt)
               .to(device);
  parameters_ = floats(count);
  average_ = floats(count);
  moments1_ = floats(count);
  moments2_ = floats(count);
  directions_ = floats(count);
  is_taken_ = torch::ones({1}, torch::dtype(torch::kInt).device(device));
  gradient_ = floats(places_.gradients);
  plain_ = floats(places_.plain);
  forward_ = shorts(places_.forward);
  backward_ = shorts(places_.backward);
  for (const auto& item : network) shapes_.insert(item.key(), torch::empty(item.value().sizes()));
  add_gradients();
  const StateDict none;
  restore(network, network, none, none);
}

void GpuSiren::use_soap(int steps, double decay) {
  soap_ = std::make_unique<GpuSoap>(soap_places(shapes_), steps, decay, device_);
}

void GpuSiren::use(int windows) {
  if (windows < 1 || windows > max_windows_) throw Error("a step has more windows than there is room for");
  if (windows == windows_count_) return;
  windows_count_ = windows;
  pass_windows_ = windows_of_pass(windows, window_, max_pass_windows_ * window_ * window_);
  // What fills up the last tile was of windows, with more of them.
  for (const at::Tensor& gradient : of_results_) gradient.zero_();
}

std::int64_t GpuSiren::filled_pixels(std::size_t level) const {
  return pixels_for(pass_windows_, levels_[level]->size);
}

int GpuSiren::alignment() const {
  return siren_.levels.back().resolution / siren_.levels.front().resolution;
}

kernels::SirenWindow* GpuSiren::windows(int pass) const {
  return reinterpret_cast<kernels::SirenWindow*>(windows_.data_ptr()) + pass * pass_windows_;
}

const kernels::SirenStep* GpuSiren::step() const {
  return reinterpret_cast<const kernels::SirenStep*>(step_.data_ptr());
}

kernels::SirenPixels GpuSiren::pixels_of(std::size_t level, int pass) const {
  const int resolution = siren_.levels[level].resolution;
  return {windows(pass),          pass_windows_,        siren_.levels.back().resolution / resolution,
          levels_[level]->offset, levels_[level]->size, resolution};
}

void GpuSiren::allocate(std::size_t at) {
  const TrainedLevel& level = siren_.levels[at];
  const auto forward = forward_layout(level, room(limits_)), backward = backward_layout(level, room(limits_));
  if (!forward || !backward) throw Error("layers as wide as these have no kernels");
  const bool is_last = at + 1 == levels_.size();
  const auto [offset, size] = extents_of(siren_, window_)[at];
  levels_[at] =
      std::shared_ptr<Level>(new Level{.offset = offset,
                                       .size = size,
                                       .forward_layout = *forward,
                                       .backward_layout = *backward,
                                       .forward = siren_forward_program(level, *forward, at > 0, is_last),
                                       .backward = siren_backward_program(level, *backward)});
  Level& own = *levels_[at];
  const std::int64_t pixels = pixels_for(pass_windows_, size);
  const auto halves = torch::dtype(torch::kHalf).device(device_);
  for (const int steps : level.sine_steps) {
    own.arguments.push_back(torch::zeros({pixels, kStep * steps}, halves));
    own.of_arguments.push_back(torch::zeros({pixels, kStep * steps}, halves.dtype(torch::kBFloat16)));
  }
  own.pose_terms = torch::zeros({pass_windows_, level.first_channels()}, torch::device(device_));
  results_.insert(results_.begin(),
                  torch::zeros({pixels, is_last ? 8 : level.result_channels()}, torch::device(device_)));
  of_results_.insert(of_results_.begin(),
                     torch::zeros({pixels, level.result_channels()}, halves.dtype(torch::kBFloat16)));
}

void GpuSiren::add_gradients() {
  for (std::size_t at = 0; at < levels_.size(); ++at) {
    const TrainedLevel& level = siren_.levels[at];
    add_gradient(at, 0, level.sine_steps.front(), first_inputs(siren_.pose_size) / kStep);
    const auto matrices = level.matrices();
    for (std::size_t i = 0; i < matrices.size(); ++i) {
      add_gradient(at, i + 1, matrices[i].second, matrices[i].first);
    }
  }
  std::vector<kernels::SirenGradientParts> table;
  for (const auto& gradient : gradients_) {
    const bool is_last_layer =
        gradient->level + 1 == levels_.size() && gradient->matrix == siren_.levels.back().sines.size();
    table.push_back({gradient->parts.data_ptr<float>(), static_cast<int>(gradient->grid.x),
                     gradient->outputs * (gradient->inputs + 1),
                     places_.levels[gradient->level].gradients[gradient->matrix],
                     is_last_layer ? 1.0F : static_cast<float>(kSirenFrequency)});
    largest_gradient_ = std::max(largest_gradient_, table.back().size);
  }
  const auto on_device = [&] {
    const auto bytes = static_cast<std::int64_t>(table.size() * sizeof(table.front()));
    return torch::from_blob(table.data(), {bytes}, torch::kByte).to(device_, torch::kByte, false, true);
  };
  parts_table_ = on_device();
  for (kernels::SirenGradientParts& parts : table) parts.count = 0;
  no_parts_table_ = on_device();
  squares_ = torch::zeros({static_cast<std::int64_t>(gradients_.size()) * ((largest_gradient_ + 255) / 256)},
                          torch::device(device_));
}

void GpuSiren::add_gradient(std::size_t level, std::size_t matrix, int output_steps, int input_steps) {
  const WeightGradientLayout layout = lay_out_weight_gradient(output_steps, input_steps);
  // Two blocks of small tiles find room on a multiprocessor.
  const bool is_large = layout.output_steps * layout.input_steps > 72;
  const int blocks = (is_large ? 1 : 2) * limits_.multiprocessors;
  const int parts = std::max(1, blocks / layout.tiles);
  const int outputs = kStep * output_steps, inputs = kStep * input_steps;
  gradients_.push_back(std::shared_ptr<Gradient>(
      new Gradient{.level = level,
                   .matrix = matrix,
                   .outputs = outputs,
                   .inputs = inputs,
                   .pixels = layout.pixels,
                   .grid = {.x = static_cast<unsigned>(parts),
                            .y = static_cast<unsigned>(layout.tiles),
                            .threads = 32 * WeightGradientLayout::kWarps,
                            .shared_bytes = static_cast<unsigned>(layout.shared_bytes())},
                   .program = siren_weight_gradient_program(layout, matrix == 0),
                   .parts = torch::zeros({parts, outputs * (inputs + 1)}, torch::device(device_))}));
}

}  // namespace tha4
