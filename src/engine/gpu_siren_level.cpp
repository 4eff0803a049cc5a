#include "gpu_siren_level.h"

#include <set>
#include <string>
#include <utility>

#include "body_pixels_arguments_text.h"
#include "body_pixels_text.h"
#include "early_launches_text.h"
#include "siren_first_layer_text.h"
#include "siren_layers_text.h"
#include "siren_level_arguments_text.h"
#include "siren_level_settings_text.h"
#include "siren_level_text.h"
#include "siren_outputs_text.h"
#include "siren_pixels_text.h"
#include "siren_warpgroups_text.h"
#include "siren_weights.h"
#include "warpgroup_products.h"
#include "warpgroups_text.h"
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/engine/kernel_texts.h"
#include "tha4/nn/blocks/sine_layer.h"

namespace tha4 {
namespace {

/// float32 on \p device, the last dimension padded by zeros to a multiple of 16.
at::Tensor padded(const at::Tensor& values, c10::Device device) {
  const std::int64_t size = values.size(-1);
  const std::int64_t padding = (kSirenStep - size % kSirenStep) % kSirenStep;
  return torch::constant_pad_nd(values.to(torch::kFloat32), {0, padding}).contiguous().to(device);
}

/// Biases padded by zeros to whole chunks.
at::Tensor chunk_biases(const at::Tensor& biases, const SirenLevelLayout& layout) {
  const std::int64_t chunk = kSirenStep * (layout.team_warps == 1 ? layout.chunk_steps : 1);
  const std::int64_t padding = (chunk - biases.size(0) % chunk) % chunk;
  return torch::constant_pad_nd(biases.to(torch::kFloat32), {0, padding});
}

at::Tensor chunk_weights(const at::Tensor& weights, const SirenLevelLayout& layout) {
  return layout.team_warps == 1 ? pack_weights(weights, layout.chunk_steps)
                                : pack_weights_for_warpgroups(weights);
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

SirenLevelLayout laid_out(const SirenMatrices& level, SirenOutput output, bool has_map,
                          const CudaLimits& limits) {
  if (auto layout = lay_out_level(level, output, has_map, limits.capability, limits.shared_bytes))
    return *std::move(layout);
  throw Error("layers as wide as these have no kernels");
}

/// The functions that multiply for a layout of warpgroups: an instruction has 256 outputs at most.
std::string products_of(const SirenLevelLayout& layout) {
  constexpr int kMaxSteps = 16;
  std::set<int> outputs;
  for (const auto& [inputs, of_layer] : chunked_layers(layout)) {
    const int steps = siren_steps(of_layer), parts = (steps + kMaxSteps - 1) / kMaxSteps;
    outputs.insert(kSirenStep * steps / parts);
  }
  return warpgroup_product_text({outputs.begin(), outputs.end()});
}

/// The parts of the program in their order.
std::string program_text(const SirenLevelLayout& layout) {
  const std::string layers =
      layout.team_warps == 1 ? kernel_text({weight_ring_text(), texts::siren_layers})
                             : kernel_text({products_of(layout), texts::warpgroups, texts::siren_warpgroups});
  return kernel_text({texts::body_pixels_arguments, texts::siren_level_arguments, texts::siren_level_settings,
                      texts::early_launches, texts::body_pixels, tensor_core_text(), texts::siren_outputs,
                      layers, texts::siren_first_layer, texts::siren_pixels, texts::siren_level});
}

}  // namespace

CudaProgram siren_level_program(const SirenLevelLayout& layout, int pose_size, bool has_map,
                                bool shares_cells) {
  return CudaProgram(
      "siren_level.cu", program_text(layout),
      {fmt::format("SINE_WIDTHS={}", fmt::join(layout.widths, ",")),
       fmt::format("RESULTS={}", layout.results),
       fmt::format("CHUNK_OFFSETS={}", fmt::join(layout.chunk_offsets, ",")),
       fmt::format("CHUNK_STEPS={}", layout.chunk_steps), fmt::format("SLOT_BYTES={}", layout.slot_bytes),
       fmt::format("STAGES={}", layout.stages), fmt::format("TEAM_WARPS={}", layout.team_warps),
       fmt::format("POSE_SIZE={}", pose_size), fmt::format("BLOCK_WIDTH={}", layout.block_width),
       fmt::format("WARPS={}", layout.warps), fmt::format("BIASES={}", layout.biases),
       fmt::format("KEPT_STEPS={}", layout.kept_steps), fmt::format("HAS_MAP={}", has_map ? 1 : 0),
       fmt::format("SHARES_CELLS={}", shares_cells ? 1 : 0),
       fmt::format("MAP_COLUMNS={}", shares_cells ? layout.map_columns : 0),
       fmt::format("MAP_STRIDE={}", siren_map_stride(layout.widths.front())),
       fmt::format("OUTPUT={}", static_cast<int>(layout.output))});
}

GpuSirenLevel::GpuSirenLevel(const SirenMatrices& level, SirenOutput output, bool has_map, c10::Device device)
    : size_(level.size),
      device_(device),
      limits_(cuda_limits(device)),
      layout_(laid_out(level, output, has_map, limits_)),
      own_cells_(siren_level_program(layout_, level.pose_size(), has_map, false)),
      shared_cells_(siren_level_program(layout_, level.pose_size(), has_map, true)),
      first_(
          padded(torch::cat({level.of_position.t(), level.biases.unsqueeze(0)}) * kSirenFrequency, device)),
      of_pose_(padded(level.of_pose.t() * kSirenFrequency, device)) {
  std::vector<at::Tensor> weights{torch::empty({0}, torch::kHalf)}, biases{torch::empty({0})};
  for (const LinearLayer& layer : chunked_layers(level, output)) {
    weights.push_back(chunk_weights(layer.weights, layout_).flatten());
    biases.push_back(chunk_biases(layer.biases, layout_));
  }
  weights_ = torch::cat(weights).to(device);
  biases_ = torch::cat(biases).to(device);
  if (output == SirenOutput::map) return;
  result_weights_ = pack_result_weights(level.results.weights).to(device);
  result_biases_ = padded(level.results.biases, device);
}

int GpuSirenLevel::result_stride() const {
  return siren_map_stride(layout_.results);
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
  arguments.result_stride = result_stride();
  const bool shares_cells = arguments.map != nullptr && arguments.resolution == 2 * arguments.map_size;
  program(shares_cells)
      .launch(device_,
              {.x = static_cast<unsigned>(limits_.multiprocessors),
               .y = static_cast<unsigned>(poses),
               .threads = 32 * static_cast<unsigned>(layout_.warps),
               .shared_bytes = static_cast<unsigned>(layout_.shared_bytes()),
               .begins_early = limits_.has_early_launches()},
              arguments);
}

}  // namespace tha4
