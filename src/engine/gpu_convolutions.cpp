#include "gpu_convolutions.h"

#include <numeric>

#include "early_launches_text.h"
#include "kernel_text.h"
#include "map_convolution_arguments_text.h"
#include "map_convolution_text.h"
#include "map_products_text.h"
#include "map_results_text.h"
#include "warpgroup_products.h"
#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

namespace tha4 {
namespace {

/// [taps, outputs, inputs] of a 3x3 convolution of pixels that count as 2x2: of each kind of results, the
/// sums of the weights that meet the same pixel.
at::Tensor doubled_taps(const at::Tensor& weights) {
  const at::Tensor axis =
      torch::tensor({1.0, 0.0, 0.0, /**/ 0.0, 1.0, 1.0, /**/ 1.0, 1.0, 0.0, /**/ 0.0, 0.0, 1.0},
                    torch::kFloat)
          .view({2, 2, 3});  // [kind][place][of the three]
  return torch::einsum("paj,qbk,oijk->pqaboi", {axis, axis, weights}).flatten(0, 3);
}

int divided(int value, int step) {
  return (value + step - 1) / step;
}

}  // namespace

at::Tensor pack_map_weights(const at::Tensor& weights, bool doubles, at::ScalarType type) {
  const at::Tensor plain = weights.detach().to(torch::kCPU, torch::kFloat);
  const at::Tensor taps =
      doubles ? doubled_taps(plain) : plain.permute({2, 3, 0, 1}).reshape({-1, plain.size(0), plain.size(1)});
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
  const bool is_half = type == torch::kHalf;
  const std::string products =
      layout.has_warpgroups
          ? warpgroup_product_text(layout.outputs, "warpgroup_multiply_add", is_half ? "f16" : "bf16")
          : std::string();
  std::vector<std::string> defines = layout.defines();
  defines.push_back(fmt::format("NUMBERS={}", is_half ? 1 : 2));
  return std::make_unique<CudaProgram>(
      "map_convolution.cu",
      kernel_text({texts::map_convolution_arguments, texts::early_launches, products, texts::map_products,
                   texts::map_convolution, texts::map_results}),
      std::move(defines));
}

GpuConvolutions::GpuConvolutions(c10::Device device, at::ScalarType type)
    : device_(device), type_(type), limits_(cuda_limits(device)) {}

const CudaProgram& GpuConvolutions::program(const MapConvolutionLayout& layout) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<CudaProgram>& program = programs_[layout];
  if (!program) program = map_convolution_program(layout, type_);
  return *program;
}

void GpuConvolutions::launch(const MapConvolutionShape& shape, const MapConvolutionLayout& layout,
                             kernels::MapConvolution arguments) {
  const int inputs = std::accumulate(shape.inputs.begin(), shape.inputs.end(), 0);
  const int kinds = shape.taps == 4 ? 4 : 1;
  arguments.outputs = shape.outputs;
  arguments.result_height = shape.height;
  arguments.result_width = shape.width;
  arguments.tiles_x = divided(shape.width, layout.tile_width());
  arguments.tiles_y = divided(shape.height, layout.tile_height());
  const int tiles = shape.images * arguments.tiles_x * arguments.tiles_y;
  program(layout).launch(
      device_,
      {.x = static_cast<unsigned>(tiles * kinds * layout.splits),
       .y = static_cast<unsigned>(shape.outputs / layout.outputs),
       .threads = static_cast<unsigned>(layout.threads()),
       .shared_bytes = static_cast<unsigned>(layout.shared_bytes(inputs, arguments.groups)),
       .begins_early = limits_.has_early_launches()},
      arguments);
}

}  // namespace tha4
