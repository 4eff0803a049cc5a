#include "rotated_pixels.h"

#include <algorithm>

#include "cuda_kernels.h"
#include "rotated_pixels_arguments.h"
#include <ATen/core/grad_mode.h>
#include <torch/types.h>

namespace tha4 {
namespace {

CudaGrid thread_each(long long count) {
  return {.x = static_cast<unsigned>((count + kKernelThreads - 1) / kKernelThreads),
          .threads = kKernelThreads};
}

/// \param images  [N, C, H, W]; of one image for all poses, N is 1
kernels::PixelSource source_of(const at::Tensor& images) {
  return {.values = images.data_ptr<float>(),
          .image = images.size(0) == 1 ? 0 : images.stride(0),
          .channel = images.stride(1),
          .row = images.stride(2),
          .column = images.stride(3)};
}

RotatorOutput empty_output(std::int64_t count, std::int64_t height, std::int64_t width,
                           const at::TensorOptions& options) {
  const auto empty = [&](std::int64_t channels) {
    return torch::empty({count, channels, height, width}, options);
  };
  return {.blended = empty(4), .warped = empty(4), .direct = empty(4), .alpha = empty(1), .flow = empty(2)};
}

kernels::RotatedPixels pixels_of(const RotatorOutput& output) {
  return {.blended = output.blended.data_ptr<float>(),
          .warped = output.warped.data_ptr<float>(),
          .direct = output.direct.data_ptr<float>(),
          .alpha = output.alpha.data_ptr<float>(),
          .flow = output.flow.data_ptr<float>()};
}

}  // namespace

bool can_rotate_pixels(std::initializer_list<at::Tensor> images) {
  return !at::GradMode::is_enabled() &&
         std::all_of(images.begin(), images.end(), [](const at::Tensor& image) {
           return kernels_take(image) && image.scalar_type() == at::kFloat;
         });
}

RotatorOutput rotate_pixels(const at::Tensor& channels, const at::Tensor& image) {
  const std::int64_t count = channels.size(0), height = image.size(2), width = image.size(3);
  const RotatorOutput output = empty_output(count, height, width, image.options());
  const long long pixels = count * height * width;
  rotated_pixels_program(at::kFloat)
      .launch(image.device(), thread_each(pixels),
              kernels::RotatePixels{.channels = source_of(channels),
                                    .image = source_of(image),
                                    .to = pixels_of(output),
                                    .height = static_cast<int>(height),
                                    .width = static_cast<int>(width),
                                    .count = pixels});
  return output;
}

RotatorOutput edit_pixels(const at::Tensor& change, const at::Tensor& image, const RotatorOutput& coarse,
                          const EditLimits& limits) {
  const std::int64_t count = change.size(0), height = image.size(2), width = image.size(3);
  const RotatorOutput output = empty_output(count, height, width, image.options());
  const long long pixels = count * height * width;
  rotated_pixels_program(at::kFloat)
      .launch(image.device(), thread_each(pixels),
              kernels::EditPixels{.change = source_of(change),
                                  .image = source_of(image),
                                  .coarse_direct = source_of(coarse.direct),
                                  .coarse_alpha = source_of(coarse.alpha),
                                  .coarse_flow = source_of(coarse.flow),
                                  .min_alpha = static_cast<float>(limits.min_alpha),
                                  .max_flow_change = static_cast<float>(limits.max_flow_change),
                                  .to = pixels_of(output),
                                  .height = static_cast<int>(height),
                                  .width = static_cast<int>(width),
                                  .count = pixels});
  return output;
}

at::Tensor gather_coarse(const at::Tensor& image, const at::Tensor& coarse_posed,
                         const at::Tensor& coarse_flow, at::ScalarType type) {
  constexpr std::int64_t kChannels = 14;
  const std::int64_t count = coarse_flow.size(0), height = image.size(2), width = image.size(3);
  at::Tensor to = torch::empty({count, kChannels, height, width}, image.options().dtype(type));
  const long long pixels = count * height * width;
  rotated_pixels_program(type).launch(image.device(), thread_each(pixels),
                                      kernels::GatherCoarse{.image = source_of(image),
                                                            .coarse_posed = source_of(coarse_posed),
                                                            .coarse_flow = source_of(coarse_flow),
                                                            .to = to.data_ptr(),
                                                            .height = static_cast<int>(height),
                                                            .width = static_cast<int>(width),
                                                            .count = pixels});
  return to;
}

at::Tensor gather_folded(const at::Tensor& image, const RotatorOutput& coarse, at::ScalarType type) {
  constexpr std::int64_t kChannels = 43;
  const std::int64_t count = coarse.flow.size(0), height = image.size(2) / 2, width = image.size(3) / 2;
  at::Tensor to = torch::empty({count, kChannels, height, width}, image.options().dtype(type));
  const long long places = count * height * width;
  rotated_pixels_program(type).launch(image.device(), thread_each(places),
                                      kernels::GatherFolded{.image = source_of(image),
                                                            .coarse_blended = source_of(coarse.blended),
                                                            .coarse_direct = source_of(coarse.direct),
                                                            .coarse_alpha = source_of(coarse.alpha),
                                                            .coarse_flow = source_of(coarse.flow),
                                                            .to = to.data_ptr(),
                                                            .height = static_cast<int>(height),
                                                            .width = static_cast<int>(width),
                                                            .count = places});
  return to;
}

}  // namespace tha4
