#include "gpu_map_layers.h"

#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

int rounded_up(std::int64_t channels, std::int64_t step) {
  return static_cast<int>((channels + step - 1) / step * step);
}

int channels_of(const GpuMap& map) {
  return static_cast<int>(map.values.size(3));
}

long long* sums_of(const GpuMap& map) {
  return map.sums.defined() ? reinterpret_cast<long long*>(map.sums.data_ptr()) : nullptr;
}

kernels::MapOfNumbers numbers_of(const GpuMap& map) {
  return {.values = map.values.data_ptr(), .sums = sums_of(map), .channels = channels_of(map)};
}

/// Puts \p maps into \p numbers, and their channels into \p channels.
void describe(const std::vector<const GpuMap*>& maps, kernels::MapOfNumbers* numbers,
              std::vector<int>& channels) {
  for (const GpuMap* map : maps) {
    *numbers++ = numbers_of(*map);
    channels.push_back(channels_of(*map));
  }
}

void describe(const GpuSurroundings& surroundings, kernels::MapConvolution& work) {
  if (surroundings.norm != nullptr) {
    work.gammas = surroundings.norm->gammas.data_ptr<float>();
    work.betas = surroundings.norm->betas.data_ptr<float>();
    work.groups = surroundings.norm->groups;
  }
  work.conditions = surroundings.conditions.first;
  work.condition_step = surroundings.conditions.step;
  if (surroundings.skip != nullptr) work.skip_weights = surroundings.skip->weights.data_ptr();
  if (surroundings.added != nullptr) {
    work.added = surroundings.added->values.data_ptr();
    work.addition = surroundings.addition;
  }
}

}  // namespace

GpuConvolution GpuMapLayers::pack(const at::Tensor& weights, const at::Tensor& biases,
                                  MapWeights kind) const {
  const auto outputs = static_cast<int>(weights.size(kind == MapWeights::transposed ? 1 : 0));
  at::Tensor padded = torch::zeros({padded_map_outputs(outputs)});
  if (biases.defined()) padded.narrow(0, 0, outputs).copy_(biases.detach());
  return {.weights = pack_map_weights(weights, kind, convolutions_->type()).to(device()),
          .biases = padded.to(device()),
          .outputs = outputs,
          .taps = map_taps(weights, kind)};
}

GpuNorm GpuMapLayers::pack_norm(const at::Tensor& gammas, const at::Tensor& betas, int groups) const {
  const auto on_device = [&](const at::Tensor& values) {
    return values.detach().to(device(), torch::kFloat).contiguous();
  };
  return {.gammas = on_device(gammas), .betas = on_device(betas), .groups = groups};
}

void GpuMapLayers::begin(std::int64_t images, std::int64_t channels) {
  sums_ = torch::zeros({2 * images * channels}, at::TensorOptions(torch::kLong).device(device()));
  used_sums_ = 0;
}

void GpuMapLayers::compile(const GpuMap& input, const std::function<void()>& play) {
  if (!known_inputs_.insert(input.values.sizes().vec()).second) return;
  collected_.clear();
  only_collects_ = true;
  try {
    play();
  } catch (...) {
    only_collects_ = false;
    throw;
  }
  only_collects_ = false;
  used_sums_ = 0;
  convolutions_->compile(collected_);
}

at::Tensor GpuMapLayers::take_sums(std::int64_t images, std::int64_t channels) {
  const std::int64_t count = images * channels * 2;
  at::Tensor taken = sums_.narrow(0, used_sums_, count);
  used_sums_ += count;
  return taken;
}

GpuMap GpuMapLayers::read(const at::Tensor& planes, std::int64_t fold) const {
  constexpr std::int64_t kPixelChannels = 16;  // that a place's channels are padded to
  const at::ScalarType type = convolutions_->type();
  const at::Tensor from = planes.scalar_type() == type ? planes : planes.to(torch::kFloat);
  const std::int64_t height = from.size(2) / fold, width = from.size(3) / fold;
  const int channels = rounded_up(from.size(1) * fold * fold, kPixelChannels);
  GpuMap to{.values = torch::empty({from.size(0), height, width, channels},
                                   at::TensorOptions(type).device(device())),
            .sums = {}};
  convolutions_->launch(kernels::ReadPlanes{.planes = from.data_ptr(),
                                            .are_floats = from.scalar_type() == torch::kFloat,
                                            .image = from.stride(0),
                                            .channel = from.stride(1),
                                            .row = from.stride(2),
                                            .column = from.stride(3),
                                            .channels = static_cast<int>(from.size(1)),
                                            .fold = static_cast<int>(fold),
                                            .to = to.values.data_ptr(),
                                            .height = static_cast<int>(height),
                                            .width = static_cast<int>(width),
                                            .to_channels = channels,
                                            .places = from.size(0) * height * width});
  return to;
}

at::Tensor GpuMapLayers::planes_of(const GpuMap& map, std::int64_t channels, std::int64_t fold) const {
  const std::int64_t images = map.values.size(0), height = map.values.size(1), width = map.values.size(2);
  at::Tensor planes = torch::empty({images, channels, height * fold, width * fold}, map.values.options());
  convolutions_->launch(kernels::WritePlanes{.map = map.values.data_ptr<float>(),
                                             .map_channels = channels_of(map),
                                             .height = static_cast<int>(height),
                                             .width = static_cast<int>(width),
                                             .fold = static_cast<int>(fold),
                                             .planes = planes.data_ptr<float>(),
                                             .channels = static_cast<int>(channels),
                                             .pixels = images * height * width * fold * fold});
  return planes;
}

GpuMap GpuMapLayers::results_of(const MapConvolutionShape& shape, const GpuConvolution& convolution,
                                const GpuSurroundings& surroundings, kernels::MapConvolution& work) {
  constexpr std::int64_t kVector = 8;  // channels that a thread writes
  const std::int64_t factor = convolution.taps == 4 ? 2 : 1;
  work.to_channels = rounded_up(convolution.outputs, kVector);
  GpuMap to;
  to.values = torch::empty(
      {shape.images, shape.height * factor, shape.width * factor, work.to_channels},
      at::TensorOptions(surroundings.to_floats ? torch::kFloat : convolutions_->type()).device(device()));
  if (surroundings.to_floats) {
    work.floats = to.values.data_ptr<float>();
    return to;
  }
  work.to = to.values.data_ptr();
  if (surroundings.needs_sums) {
    to.sums = take_sums(shape.images, work.to_channels);
    work.to_sums = sums_of(to);
  }
  return to;
}

GpuMap GpuMapLayers::convolve(const GpuConvolution& convolution, const std::vector<const GpuMap*>& from,
                              const GpuSurroundings& surroundings) {
  const at::Tensor& first = from.front()->values;
  const int divisor = surroundings.halves || convolution.taps == 16 ? 2 : 1;
  kernels::MapConvolution work{};
  work.height = static_cast<int>(first.size(1));
  work.width = static_cast<int>(first.size(2));
  MapConvolutionShape shape{.images = static_cast<int>(first.size(0)),
                            .height = work.height / divisor,
                            .width = work.width / divisor,
                            .taps = convolution.taps,
                            .halves = surroundings.halves,
                            .activation = surroundings.activation,
                            .inputs = {},
                            .skipped = {},
                            .outputs = padded_map_outputs(convolution.outputs)};
  describe(from, work.from, shape.inputs);
  describe(surroundings.skipped, work.skipped, shape.skipped);
  describe(surroundings, work);
  work.weights = convolution.weights.data_ptr();
  work.biases = convolution.biases.data_ptr<float>();
  GpuMap to = results_of(shape, convolution, surroundings, work);
  const MapConvolutionLayout layout = convolutions_->layout_of(shape);
  if (only_collects_) {
    collected_.insert(layout);
  } else {
    convolutions_->launch(shape, layout, work);
  }
  return to;
}

GpuMap GpuMapLayers::settle(const GpuMap& map, const GpuNorm& norm, kernels::MapActivation activation,
                            const GpuMap* added, const at::Tensor& pose) {
  constexpr std::int64_t kStep = 16;  // channels of the convolution that reads them
  const int parameters = pose.defined() ? static_cast<int>(pose.size(1)) : 0;
  const int channels = channels_of(map) + rounded_up(parameters, kStep);
  const at::Tensor& from = map.values;
  GpuMap to{.values = torch::empty({from.size(0), from.size(1), from.size(2), channels}, from.options()),
            .sums = {}};
  if (only_collects_) return to;
  const at::Tensor poses = pose.defined() ? pose.to(torch::kFloat).contiguous() : at::Tensor();
  convolutions_->launch(static_cast<int>(from.size(0)),
                        {.from = numbers_of(map),
                         .pixels = static_cast<int>(from.size(1) * from.size(2)),
                         .fraction = 1.0 / static_cast<double>(from.size(1) * from.size(2)),
                         .gammas = norm.gammas.data_ptr<float>(),
                         .betas = norm.betas.data_ptr<float>(),
                         .activation = activation,
                         .added = added != nullptr ? added->values.data_ptr() : nullptr,
                         .poses = poses.defined() ? poses.data_ptr<float>() : nullptr,
                         .pose_size = parameters,
                         .to = to.values.data_ptr(),
                         .to_channels = channels});
  return to;
}

}  // namespace tha4
