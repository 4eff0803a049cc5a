#include "gpu_blend_sums.h"

#include <algorithm>
#include <cstring>

#include "blendshape_arguments_text.h"
#include "blendshape_text.h"
#include "body_pixels_arguments_text.h"
#include "body_pixels_text.h"
#include "early_launches_text.h"
#include <torch/types.h>

#include "tha4/engine/kernel_texts.h"

namespace tha4 {
namespace {

constexpr unsigned kHiddenThreads = 512;

/// Of a part of a sum.
constexpr int kMaxChunks = 64;

}  // namespace

const CudaProgram& blendshape_program() {
  static const CudaProgram program("blendshape.cu",
                                   kernel_text({texts::body_pixels_arguments, texts::blendshape_arguments,
                                                "using namespace tha4::kernels;\n", texts::early_launches,
                                                texts::body_pixels, texts::blendshape}),
                                   {});
  return program;
}

int GpuBlendSums::add(const void* bytes, std::size_t size) {
  constexpr std::size_t kAligned = 16;  // that a thread reads at once
  const std::size_t place = (bytes_.size() + kAligned - 1) / kAligned * kAligned;
  bytes_.resize(place + size);
  if (size > 0) std::memcpy(bytes_.data() + place, bytes, size);
  return static_cast<int>(place);
}

kernels::BlendLayerPlace GpuBlendSums::add_layer(const BlendLayer& layer) {
  return {.weights = add(layer.weights),
          .scales = add(layer.scales),
          .biases = add(layer.biases),
          .inputs = layer.inputs,
          .outputs = layer.outputs};
}

int GpuBlendSums::add_mlp(const BlendHiddenLayers& layers) {
  std::vector<kernels::BlendLayerPlace> places;
  for (const BlendLayer& layer : layers.layers) places.push_back(add_layer(layer));
  mlps_.push_back({.input_scale = add(layers.input_scale),
                   .inputs = static_cast<int>(layers.input_scale.size()),
                   .layers = add(places),
                   .layer_count = static_cast<int>(places.size())});
  width_ = std::max(width_, layers.width());
  return static_cast<int>(mlps_.size()) - 1;
}

void GpuBlendSums::add_sum(int mlp, const BlendLayer& weights, const BlendBasis& basis, int values,
                           const BlendResult& result) {
  kernels::BlendSumPlace sum{.mlp = mlp,
                             .weights = add_layer(weights),
                             .integers = add(basis.integers),
                             .steps = add(basis.steps),
                             .weight_of = add(basis.weight_of),
                             .mean = add(basis.mean),
                             .pairs = basis.pairs,
                             .negligible = basis.negligible,
                             .values = values,
                             .first_chunk = 0,
                             .chunks = 0,
                             .result = result.place,
                             .side = result.side,
                             .row = result.row,
                             .plane = result.plane,
                             .x = result.x,
                             .y = result.y};
  for (; sum.first_chunk < basis.chunks(); sum.first_chunk += kMaxChunks) {
    sum.chunks = std::min(kMaxChunks, basis.chunks() - sum.first_chunk);
    sums_.push_back(sum);
  }
  max_outputs_ = std::max(max_outputs_, weights.outputs);
  max_pairs_ = std::max(max_pairs_, basis.pairs);
}

void GpuBlendSums::move_to(c10::Device device) {
  mlps_place_ = add(mlps_);
  sums_place_ = add(sums_);
  data_ =
      torch::from_blob(bytes_.data(), {static_cast<std::int64_t>(bytes_.size())}, torch::kInt8).to(device);
  bytes_ = {};
}

void GpuBlendSums::draw(const BlendLauncher& launcher, const GpuPoses& poses,
                        const std::array<Region, kMaps>& needed, float* results, int stride) {
  if (sums_.empty()) return;
  const std::int64_t count = poses.size(0);
  if (!values_.defined() || values_.size(0) < count) {
    values_ = torch::empty({count, static_cast<std::int64_t>(mlps_.size()), width_},
                           torch::TensorOptions().device(data_.device()));
  }
  const char* const data = static_cast<const char*>(data_.data_ptr());
  kernels::BlendHidden hidden{};
  hidden.data = data;
  hidden.mlps = mlps_place_;
  hidden.width = width_;
  hidden.values = values_.data_ptr<float>();
  if (poses.is_cpu()) {
    std::copy_n(poses.data_ptr<float>(), poses.numel(), hidden.pose);
  } else {
    hidden.poses = poses.data_ptr<float>();
    hidden.pose_stride = static_cast<int>(poses.size(1));
  }
  const auto floats = [](int number) { return static_cast<unsigned>(number) * unsigned{sizeof(float)}; };
  launcher.launch(static_cast<unsigned>(mlps_.size()), count, kHiddenThreads, floats(2 * width_), hidden);
  kernels::BlendSum sum{};
  sum.data = data;
  sum.sums = sums_place_;
  sum.values = hidden.values;
  sum.mlp_count = static_cast<int>(mlps_.size());
  sum.width = width_;
  sum.max_outputs = max_outputs_;
  sum.results = results;
  sum.result_stride = stride;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const Region& cells = needed[i];
    const std::array<int, 4> bounds{cells.x, cells.y, cells.x + cells.width, cells.y + cells.height};
    std::ranges::copy(bounds, sum.needed[i]);
  }
  launcher.launch(static_cast<unsigned>(sums_.size()), count, kBlendThreads,
                  floats(width_ + max_outputs_ + 2 * max_pairs_), sum);
}

}  // namespace tha4
