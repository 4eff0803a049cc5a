#include "gpu_convolutions.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "early_launches_text.h"
#include "map_convolution_arguments_text.h"
#include "map_convolution_text.h"
#include "map_inputs_text.h"
#include "map_numbers_text.h"
#include "map_patches_text.h"
#include "map_planes_arguments_text.h"
#include "map_planes_text.h"
#include "map_products_text.h"
#include "map_results_text.h"
#include "map_settlement_text.h"
#include "map_warpgroups_text.h"
#include "measured_layouts.h"
#include "warpgroup_products.h"
#include "warpgroups_text.h"
#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/engine/kernel_texts.h"

namespace tha4 {
namespace {

/// Along an axis, [kind][place][weights]: which weights each of two kinds of results, or of pixels, takes at
/// each of its two places.
at::Tensor taken_along_axis(MapWeights kind) {
  if (kind == MapWeights::doubled)  // the sums of the weights that meet the same pixel
    return torch::tensor({1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0}, torch::kFloat)
        .view({2, 2, 3});
  const std::vector<std::int64_t> places = kind == MapWeights::transposed
                                               ? std::vector<std::int64_t>{3, 1, 2, 0}
                                               : std::vector<std::int64_t>{1, 3, 0, 2};
  return torch::one_hot(torch::tensor(places), 4).to(torch::kFloat).view({2, 2, 4});
}

/// [places, outputs, inputs].
at::Tensor places_of(const at::Tensor& weights, MapWeights kind) {
  const at::Tensor plain = weights.detach().to(torch::kCPU, torch::kFloat);
  if (kind == MapWeights::plain) return plain.permute({2, 3, 0, 1}).flatten(0, 1);
  const at::Tensor axis = taken_along_axis(kind);
  return torch::einsum("paj,qbk,oijk->pqaboi",
                       {axis, axis, kind == MapWeights::transposed ? plain.transpose(0, 1) : plain})
      .flatten(0, 3);
}

int divided(int value, int step) {
  return (value + step - 1) / step;
}

/// The macro that says what 16 bits mean.
std::string numbers_of(at::ScalarType type) {
  return type == torch::kHalf ? "NUMBERS=1" : "NUMBERS=2";
}

}  // namespace

int map_taps(const at::Tensor& weights, MapWeights kind) {
  if (kind == MapWeights::plain) return weights.size(2) == 1 ? 1 : 9;
  return kind == MapWeights::halving ? 16 : 4;
}

at::Tensor pack_map_weights(const at::Tensor& weights, MapWeights kind, at::ScalarType type) {
  const at::Tensor taps = places_of(weights, kind);
  const std::int64_t outputs = padded_map_outputs(static_cast<int>(taps.size(1)));
  const std::int64_t inputs = divided(static_cast<int>(taps.size(2)), 16) * 16;
  at::Tensor padded = torch::zeros({taps.size(0), outputs, inputs});
  padded.narrow(1, 0, taps.size(1)).narrow(2, 0, taps.size(2)).copy_(taps);
  return padded.view({taps.size(0), outputs / 8, 8, inputs / 16, 2, 8})
      .permute({0, 3, 1, 4, 2, 5})
      .to(type)
      .contiguous();
}

std::unique_ptr<CudaProgram> map_convolution_program(const MapConvolutionLayout& layout,
                                                     at::ScalarType type) {
  std::vector<std::string> defines = layout.defines();
  defines.push_back(numbers_of(type));
  const bool has_warpgroups = layout.has_warpgroups();
  const std::string products =
      has_warpgroups
          ? kernel_text({warpgroup_product_text({layout.outputs}, type == torch::kHalf ? "f16" : "bf16"),
                         texts::warpgroups})
          : std::string(texts::map_products);
  return std::make_unique<CudaProgram>(
      has_warpgroups ? "map_warpgroups.cu" : "map_convolution.cu",
      kernel_text({texts::map_convolution_arguments, texts::early_launches, tensor_core_text(),
                   texts::map_numbers, products, texts::map_inputs, texts::map_patches, texts::map_results,
                   has_warpgroups ? texts::map_warpgroups : texts::map_convolution}),
      std::move(defines));
}

std::unique_ptr<CudaProgram> map_settlement_program(at::ScalarType type) {
  return std::make_unique<CudaProgram>(
      "map_settlement.cu",
      kernel_text({texts::map_convolution_arguments, texts::early_launches, tensor_core_text(),
                   texts::map_numbers, texts::map_settlement}),
      std::vector<std::string>{numbers_of(type)});
}

std::unique_ptr<CudaProgram> map_planes_program(at::ScalarType type) {
  return std::make_unique<CudaProgram>(
      "map_planes.cu",
      kernel_text({texts::map_convolution_arguments, texts::map_planes_arguments, texts::early_launches,
                   tensor_core_text(), texts::map_numbers, texts::map_planes}),
      std::vector<std::string>{numbers_of(type)});
}

GpuConvolutions::GpuConvolutions(c10::Device device, at::ScalarType type)
    : device_(device), type_(type), limits_(cuda_limits(device)) {}

MapConvolutionLayout GpuConvolutions::layout_of(const MapConvolutionShape& shape) const {
  const std::optional<MapConvolutionLayout> measured = measured_layout(shape, limits_);
  return measured ? *measured : best_layout(shape, limits_);
}

const CudaProgram& GpuConvolutions::program(const MapConvolutionLayout& layout) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<CudaProgram>& program = programs_[layout];
  if (!program) program = map_convolution_program(layout, type_);
  return *program;
}

const CudaProgram& GpuConvolutions::planes_program() {
  const std::lock_guard lock(mutex_);
  if (!planes_) planes_ = map_planes_program(type_);
  return *planes_;
}

void GpuConvolutions::compile(const std::set<MapConvolutionLayout>& layouts) {
  std::vector<const CudaProgram*> programs;
  for (const MapConvolutionLayout& layout : layouts) programs.push_back(&program(layout));
  std::atomic<std::size_t> next = 0;
  const auto compile_some = [&] {
    for (std::size_t i = next++; i < programs.size(); i = next++) {
      try {
        programs[i]->compile_for(device_);
      } catch (const std::exception&) {
        continue;  // launch() tries again, and says what is wrong
      }
    }
  };
  const std::size_t count = std::min<std::size_t>(programs.size(), std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < count; ++i) threads.emplace_back(compile_some);
  compile_some();
  for (std::thread& thread : threads) thread.join();
}

void GpuConvolutions::launch(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
                             kernels::MapConvolution arguments) {
  const int inputs = std::accumulate(shape.inputs.begin(), shape.inputs.end(), 0);
  if (arguments.gammas != nullptr) {
    const double pixels = static_cast<double>(arguments.height) * arguments.width;
    arguments.fraction = arguments.groups / (pixels * inputs);
  }
  arguments.outputs = shape.outputs;
  arguments.result_height = shape.height;
  arguments.result_width = shape.width;
  arguments.tiles_x = divided(shape.width, layout.tile_width());
  arguments.tiles_y = divided(shape.height, layout.tile_height());
  arguments.tiles = tiles_of(shape, layout);
  const int columns = shape.outputs / layout.outputs;
  const bool goes_on = layout.has_warpgroups();  // each thread block, from tile to tile
  const int blocks = goes_on ? std::min(arguments.tiles, limits_.multiprocessors * layout.resident)
                             : arguments.tiles / columns * layout.splits;
  program(layout).launch(
      device_,
      {.x = static_cast<unsigned>(blocks),
       .y = static_cast<unsigned>(goes_on ? 1 : columns),
       .threads = static_cast<unsigned>(layout.threads()),
       .shared_bytes = static_cast<unsigned>(layout.shared_bytes(inputs, arguments.groups)),
       .begins_early = limits_.has_early_launches()},
      arguments);
}

void GpuConvolutions::launch(int images, const kernels::MapSettlement& arguments) {
  constexpr unsigned kThreads = 256;
  constexpr int kRows = 4;  // pixels of a thread
  const int lanes = static_cast<int>(kThreads) / (arguments.to_channels / 8);
  {
    const std::lock_guard lock(mutex_);
    if (!settlement_) settlement_ = map_settlement_program(type_);
  }
  settlement_->launch(device_,
                      {.x = static_cast<unsigned>(divided(arguments.pixels, lanes * kRows)),
                       .y = static_cast<unsigned>(images),
                       .threads = kThreads,
                       .begins_early = limits_.has_early_launches()},
                      arguments);
}

void GpuConvolutions::launch(const kernels::ReadPlanes& arguments) {
  constexpr long long kPlaces = 32;  // of a block
  planes_program().launch(device_,
                          {.x = static_cast<unsigned>((arguments.places + kPlaces - 1) / kPlaces),
                           .threads = 256,
                           .begins_early = limits_.has_early_launches()},
                          arguments);
}

void GpuConvolutions::launch(const kernels::WritePlanes& arguments) {
  constexpr long long kThreads = 256;
  planes_program().launch(device_,
                          {.x = static_cast<unsigned>((arguments.pixels + kThreads - 1) / kThreads),
                           .threads = kThreads,
                           .begins_early = limits_.has_early_launches()},
                          arguments);
}

}  // namespace tha4
