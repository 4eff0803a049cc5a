#include "gpu_siren_level.h"

#include <algorithm>
#include <string>
#include <utility>

#include "siren_first_layer_text.h"
#include "siren_layers_text.h"
#include "siren_level_arguments_text.h"
#include "siren_level_settings_text.h"
#include "siren_level_text.h"
#include "siren_pixels_text.h"
#include "tensor_cores_text.h"
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/nn/blocks/sine_layer.h"

namespace tha4 {
namespace {

constexpr int kStep = 16;         // inputs of one product of the tensor cores
constexpr int kPairOutputs = 16;  // of two products
constexpr int kFragmentBytes = kStep * kPairOutputs * 2;

int steps_of(int features) {
  return (features + kStep - 1) / kStep;
}

int chunks_of(int outputs, int chunk_pairs) {
  return (steps_of(outputs) + chunk_pairs - 1) / chunk_pairs;
}

/// Inputs and outputs of the layers whose weights come in chunks: all after the first, but for results that
/// make up pixels.
std::vector<std::pair<int, int>> chunked_layers(const SirenLevelLayout& layout) {
  std::vector<std::pair<int, int>> layers;
  for (std::size_t i = 1; i < layout.widths.size(); ++i) {
    layers.emplace_back(layout.widths[i - 1], layout.widths[i]);
  }
  if (layout.output == SirenOutput::map) layers.emplace_back(layout.widths.back(), layout.results);
  return layers;
}

/// Registers that a thread needs, about: the sines of a layer, sums, and all else.
int registers_of(const SirenLevelLayout& layout, int block_width, int chunk_pairs) {
  constexpr int kAllElse = 40;
  int steps = 0;
  for (const auto& [inputs, outputs] : chunked_layers(layout)) steps = std::max(steps, steps_of(inputs));
  return block_width * (4 * steps + 8 * chunk_pairs) + kAllElse;
}

/// Warps of which a multiprocessor can hold the registers, in fours, one for each of its parts.
int warps_for(int registers) {
  constexpr int kRegistersOfWarps = 65536 / 32, kMaxWarps = 16;
  return std::min(kMaxWarps, kRegistersOfWarps / registers / 4 * 4);
}

void add_chunks(SirenLevelLayout& layout) {
  layout.chunk_offsets = {0};
  layout.biases = layout.slot_bytes = 0;
  for (const auto& [inputs, outputs] : chunked_layers(layout)) {
    const int bytes = layout.chunk_pairs * steps_of(inputs) * kFragmentBytes;
    const int chunks = chunks_of(outputs, layout.chunk_pairs);
    for (int i = 0; i < chunks; ++i) layout.chunk_offsets.push_back(layout.chunk_offsets.back() + bytes);
    layout.slot_bytes = std::max(layout.slot_bytes, bytes);
    layout.biases += chunks * layout.chunk_pairs * kPairOutputs;
  }
  const std::size_t kept = layout.widths.size() - (layout.output == SirenOutput::map ? 0 : 1);
  layout.kept_steps = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    layout.kept_steps = std::max(layout.kept_steps, steps_of(layout.widths[i]));
  }
}

/// Whether a multiprocessor has room for such a layout.
bool fits(SirenLevelLayout& layout, int warps, int chunk_pairs, int stages, std::size_t max_shared_bytes) {
  constexpr int kMaxRegisters = 240;
  const int registers = registers_of(layout, layout.block_width, chunk_pairs);
  if (registers > kMaxRegisters || warps > warps_for(registers)) return false;
  layout.warps = warps;
  layout.chunk_pairs = chunk_pairs;
  layout.stages = stages;
  add_chunks(layout);
  return layout.shared_bytes() <= max_shared_bytes;
}

/// As many warps as there is room for, with all weights in shared memory.
bool fit_all_weights(SirenLevelLayout& layout, std::size_t max_shared_bytes) {
  for (const int warps : {16, 12, 8}) {
    for (const int pairs : {1, 2}) {
      if (fits(layout, warps, pairs, 0, max_shared_bytes)) return true;
    }
  }
  return false;
}

/// Some chunks of weights at a time, at which few warps wait for each other: these have many products under
/// way each.
bool fit_chunks(SirenLevelLayout& layout, std::size_t max_shared_bytes) {
  for (const int warps : {8, 4, 2}) {
    for (const int pairs : {4, 2, 1}) {
      for (const int stages : {4, 3, 2}) {
        if (fits(layout, warps, pairs, stages, max_shared_bytes)) return true;
      }
    }
  }
  return false;
}

/// float32 on \p device, the last dimension padded by zeros to a multiple of 16.
at::Tensor padded(const at::Tensor& values, c10::Device device) {
  const std::int64_t size = values.size(-1);
  const std::int64_t padding = (kPairOutputs - size % kPairOutputs) % kPairOutputs;
  return torch::constant_pad_nd(values.to(torch::kFloat32), {0, padding}).contiguous().to(device);
}

/// Biases padded by zeros to whole chunks, on \p device.
at::Tensor chunk_biases(const at::Tensor& biases, int chunk_pairs, c10::Device device) {
  const std::int64_t outputs =
      chunks_of(static_cast<int>(biases.size(0)), chunk_pairs) * chunk_pairs * kPairOutputs;
  return torch::constant_pad_nd(biases.to(torch::kFloat32), {0, outputs - biases.size(0)}).to(device);
}

/// Those whose weights come in chunks, which give sines' arguments.
std::vector<LinearLayer> chunked_layers(const SirenMatrices& level, SirenOutput output) {
  std::vector<LinearLayer> layers = level.sine_layers;
  if (output == SirenOutput::map) {
    const at::Tensor& weights = level.results.weights;
    layers.push_back({weights, torch::zeros({weights.size(0)}, torch::kFloat64)});
  }
  for (LinearLayer& layer : layers) {
    layer = {layer.weights * kSirenFrequency, layer.biases * kSirenFrequency};
  }
  return layers;
}

SirenLevelLayout laid_out(const SirenMatrices& level, SirenOutput output, const CudaLimits& limits) {
  if (auto layout = lay_out_level(level, output, limits.shared_bytes)) return *std::move(layout);
  throw Error("layers as wide as these have no kernels");
}

/// The parts of the program in their order.
std::string program_text() {
  std::string text;
  for (const char* part :
       {texts::siren_level_arguments, texts::siren_level_settings, texts::tensor_cores, texts::siren_layers,
        texts::siren_first_layer, texts::siren_pixels, texts::siren_level}) {
    text += part;
    text += '\n';
  }
  return text;
}

}  // namespace

std::size_t SirenLevelLayout::shared_bytes() const {
  const int first = 3 * kPairOutputs * steps_of(widths.front());
  const int results_weights = output == SirenOutput::map ? 0 : steps_of(widths.back()) * kFragmentBytes;
  const int kept = warps * block_width * kept_steps * kFragmentBytes;
  const int weights = stages == 0 ? chunk_offsets.back() : stages * slot_bytes;
  return static_cast<std::size_t>(results_weights + kept + weights) +
         static_cast<std::size_t>(first + biases) * sizeof(float);
}

std::optional<SirenLevelLayout> lay_out_level(std::vector<int> widths, int results, SirenOutput output,
                                              std::size_t max_shared_bytes) {
  SirenLevelLayout layout{.widths = std::move(widths), .results = results, .output = output};
  layout.block_width = 2;  // which halves the weights that are read
  if (fit_all_weights(layout, max_shared_bytes)) return layout;
  layout.block_width = 1;
  if (fit_all_weights(layout, max_shared_bytes) || fit_chunks(layout, max_shared_bytes)) return layout;
  return std::nullopt;
}

std::optional<SirenLevelLayout> lay_out_level(const SirenMatrices& level, SirenOutput output,
                                              std::size_t max_shared_bytes) {
  std::vector<int> widths{level.outputs_of_first()};
  for (const LinearLayer& layer : level.sine_layers) widths.push_back(static_cast<int>(layer.biases.size(0)));
  return lay_out_level(std::move(widths), static_cast<int>(level.results.weights.size(0)), output,
                       max_shared_bytes);
}

CudaProgram siren_level_program(const SirenLevelLayout& layout, bool has_map, bool shares_cells) {
  return CudaProgram(
      "siren_level.cu", program_text(),
      {fmt::format("SINE_WIDTHS={}", fmt::join(layout.widths, ",")),
       fmt::format("RESULTS={}", layout.results),
       fmt::format("CHUNK_OFFSETS={}", fmt::join(layout.chunk_offsets, ",")),
       fmt::format("CHUNK_PAIRS={}", layout.chunk_pairs), fmt::format("SLOT_BYTES={}", layout.slot_bytes),
       fmt::format("STAGES={}", layout.stages), fmt::format("BLOCK_WIDTH={}", layout.block_width),
       fmt::format("WARPS={}", layout.warps), fmt::format("BIASES={}", layout.biases),
       fmt::format("KEPT_STEPS={}", layout.kept_steps), fmt::format("HAS_MAP={}", has_map ? 1 : 0),
       fmt::format("SHARES_CELLS={}", shares_cells ? 1 : 0),
       fmt::format("OUTPUT={}", static_cast<int>(layout.output))});
}

at::Tensor pack_weights(const at::Tensor& weights, int chunk_pairs) {
  const std::int64_t steps = steps_of(static_cast<int>(weights.size(1)));
  const std::int64_t chunks = (steps_of(static_cast<int>(weights.size(0))) + chunk_pairs - 1) / chunk_pairs;
  const std::int64_t pairs = chunks * chunk_pairs;
  const at::Tensor all = torch::constant_pad_nd(
      weights, {0, steps * kStep - weights.size(1), 0, pairs * kPairOutputs - weights.size(0)});
  // A lane has, of its output in either group of 8, two neighbouring inputs of either half of 16.
  return all.view({pairs, 2, 8, steps, 2, 4, 2})
      .permute({0, 3, 2, 5, 1, 4, 6})
      .reshape({pairs, steps, 32, 8})
      .to(torch::kHalf)
      .contiguous();
}

at::Tensor pack_result_weights(const at::Tensor& weights) {
  constexpr std::int64_t kGroup = 8;
  const at::Tensor rest = weights - weights.to(torch::kHalf).to(weights.scalar_type());
  const at::Tensor padding = torch::zeros({kGroup - weights.size(0), weights.size(1)}, weights.options());
  return pack_weights(torch::cat({weights, padding, rest}), 1);
}

GpuSirenLevel::GpuSirenLevel(const SirenMatrices& level, SirenOutput output, bool has_map, c10::Device device)
    : size_(level.size),
      device_(device),
      limits_(cuda_limits(device)),
      layout_(laid_out(level, output, limits_)),
      own_cells_(siren_level_program(layout_, has_map, false)),
      shared_cells_(siren_level_program(layout_, has_map, true)),
      first_(
          padded(torch::cat({level.of_position.t(), level.biases.unsqueeze(0)}) * kSirenFrequency, device)),
      of_pose_(padded(level.of_pose.t() * kSirenFrequency, device)) {
  std::vector<at::Tensor> weights{torch::empty({0}, torch::kHalf)}, biases{torch::empty({0}, device)};
  for (const LinearLayer& layer : chunked_layers(level, output)) {
    weights.push_back(pack_weights(layer.weights, layout_.chunk_pairs).flatten());
    biases.push_back(chunk_biases(layer.biases, layout_.chunk_pairs, device));
  }
  weights_ = torch::cat(weights).to(device);
  biases_ = torch::cat(biases);
  if (output == SirenOutput::map) return;
  result_weights_ = pack_result_weights(level.results.weights).to(device);
  result_biases_ = padded(level.results.biases, device);
}

int GpuSirenLevel::result_stride() const {
  return steps_of(layout_.results) * kPairOutputs;
}

void GpuSirenLevel::draw(kernels::SirenLevel arguments, int poses) const {
  arguments.weights = weights_.data_ptr();
  arguments.first = first_.data_ptr<float>();
  arguments.of_pose = of_pose_.data_ptr<float>();
  arguments.biases = biases_.data_ptr<float>();
  if (result_weights_.defined()) {
    arguments.result_weights = result_weights_.data_ptr();
    arguments.result_biases = result_biases_.data_ptr<float>();
  }
  arguments.pose_size = static_cast<int>(of_pose_.size(0));
  arguments.result_stride = result_stride();
  const bool shares_cells = arguments.map != nullptr && arguments.resolution == 2 * arguments.map_size;
  program(shares_cells)
      .launch(device_,
              {.x = static_cast<unsigned>(limits_.multiprocessors),
               .y = static_cast<unsigned>(poses),
               .threads = 32 * static_cast<unsigned>(layout_.warps),
               .shared_bytes = static_cast<unsigned>(layout_.shared_bytes())},
              arguments);
}

}  // namespace tha4
