#include "fused_norm.h"

#include <optional>

#include "channels_last_layout.h"
#include "cuda_kernels.h"
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

namespace tha4 {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Of float32 tensors; null for those that are not there.
float* floats(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

float* floats(const std::optional<at::Tensor>& tensor) {
  return tensor ? tensor->data_ptr<float>() : nullptr;
}

at::Tensor as_float(const at::Tensor& tensor) {
  return tensor.to(torch::kFloat).contiguous();
}

/// LibTorch's functions know optional tensors among their arguments, but not undefined ones.
std::optional<at::Tensor> as_optional_float(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(as_float(tensor)) : std::nullopt;
}

at::Tensor channels_last(const at::Tensor& tensor, at::ScalarType type) {
  return tensor.to(type).contiguous(at::MemoryFormat::ChannelsLast);
}

class FusedGroupNorm : public torch::autograd::Function<FusedGroupNorm> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& gamma,
                            const at::Tensor& beta, const std::optional<at::Tensor>& offset,
                            const std::optional<at::Tensor>& scale, const std::optional<at::Tensor>& shift,
                            std::int64_t groups, double epsilon, std::int64_t activation) {
    const ChannelsLastLayout layout(x);
    const CudaProgram& program = channels_last_program(x);
    const at::Tensor sums = layout.sums(x);
    program.launch(x.device(), layout.over_pixels(),
                   kernels::SumMoments{.x = x.data_ptr(), .sums = floats(sums), .extent = layout.extent()});
    const at::Tensor slope = layout.per_channel(x), intercept = layout.per_channel(x),
                     mean = layout.per_channel(x), centre = layout.per_channel(x),
                     deviation = layout.per_channel(x);
    program.launch(x.device(), layout.over_images(),
                   kernels::FinishMoments{.x = x.data_ptr(),
                                          .sums = floats(sums),
                                          .offset = floats(offset),
                                          .gamma = floats(gamma),
                                          .beta = floats(beta),
                                          .scale = floats(scale),
                                          .shift = floats(shift),
                                          .slope = floats(slope),
                                          .intercept = floats(intercept),
                                          .mean = floats(mean),
                                          .centre = floats(centre),
                                          .deviation = floats(deviation),
                                          .pixels = layout.pixels,
                                          .channels = layout.channels,
                                          .groups = static_cast<int>(groups),
                                          .chunks = layout.chunks,
                                          .epsilon = static_cast<float>(epsilon)});
    at::Tensor y = torch::empty_like(x);
    program.launch(x.device(), layout.over_pixels(),
                   kernels::Apply{.x = x.data_ptr(),
                                  .slope = floats(slope),
                                  .intercept = floats(intercept),
                                  .y = y.data_ptr(),
                                  .extent = layout.extent(),
                                  .activation = static_cast<int>(activation)});
    context->save_for_backward(
        {x, gamma, beta, scale.value_or(at::Tensor()), slope, intercept, mean, centre, deviation});
    context->saved_data["groups"] = groups;
    context->saved_data["activation"] = activation;
    context->saved_data["has_offset"] = offset.has_value();
    context->saved_data["has_scale"] = scale.has_value();
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &gamma = saved[1], &beta = saved[2], &scale = saved[3], &slope = saved[4],
                     &intercept = saved[5], &mean = saved[6], &centre = saved[7], &deviation = saved[8];
    const int groups = static_cast<int>(context->saved_data["groups"].toInt());
    const int activation = static_cast<int>(context->saved_data["activation"].toInt());
    const ChannelsLastLayout layout(x);
    const CudaProgram& program = channels_last_program(x);
    const at::Tensor dy = channels_last(gradients[0], x.scalar_type());

    const at::Tensor sums = layout.sums(x);
    program.launch(x.device(), layout.over_pixels(),
                   kernels::SumGradients{.x = x.data_ptr(),
                                         .dy = dy.data_ptr(),
                                         .slope = floats(slope),
                                         .intercept = floats(intercept),
                                         .centre = floats(centre),
                                         .sums = floats(sums),
                                         .extent = layout.extent(),
                                         .activation = activation});
    const at::Tensor sum_dz = layout.per_channel(x), sum_dz_n = layout.per_channel(x),
                     along = layout.per_channel(x), constant = layout.per_channel(x),
                     sum_dx = layout.per_channel(x);
    program.launch(x.device(), layout.over_images(),
                   kernels::FinishGradients{.sums = floats(sums),
                                            .gamma = floats(gamma),
                                            .scale = floats(scale),
                                            .slope = floats(slope),
                                            .mean = floats(mean),
                                            .centre = floats(centre),
                                            .deviation = floats(deviation),
                                            .sum_dz = floats(sum_dz),
                                            .sum_dz_n = floats(sum_dz_n),
                                            .along = floats(along),
                                            .constant = floats(constant),
                                            .sum_dx = floats(sum_dx),
                                            .pixels = layout.pixels,
                                            .channels = layout.channels,
                                            .groups = groups,
                                            .chunks = layout.chunks});
    at::Tensor d_offset = torch::empty_like(gamma), d_gamma = torch::empty_like(gamma),
               d_beta = torch::empty_like(gamma), d_scale = layout.per_channel(x),
               d_shift = layout.per_channel(x);
    program.launch(x.device(), layout.over_channels(),
                   kernels::FinishParameters{.sum_dz = floats(sum_dz),
                                             .sum_dz_n = floats(sum_dz_n),
                                             .sum_dx = floats(sum_dx),
                                             .gamma = floats(gamma),
                                             .beta = floats(beta),
                                             .scale = floats(scale),
                                             .d_offset = floats(d_offset),
                                             .d_gamma = floats(d_gamma),
                                             .d_beta = floats(d_beta),
                                             .d_scale = floats(d_scale),
                                             .d_shift = floats(d_shift),
                                             .images = layout.images,
                                             .channels = layout.channels});
    at::Tensor dx = torch::empty_like(x);
    program.launch(x.device(), layout.over_pixels(),
                   kernels::InputGradient{.x = x.data_ptr(),
                                          .dy = dy.data_ptr(),
                                          .slope = floats(slope),
                                          .intercept = floats(intercept),
                                          .along = floats(along),
                                          .constant = floats(constant),
                                          .dx = dx.data_ptr(),
                                          .extent = layout.extent(),
                                          .activation = activation});
    const bool has_offset = context->saved_data["has_offset"].toBool();
    const bool has_scale = context->saved_data["has_scale"].toBool();
    return {dx,
            d_gamma,
            d_beta,
            has_offset ? d_offset : at::Tensor(),
            has_scale ? d_scale : at::Tensor(),
            has_scale ? d_shift : at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor()};
  }
};

class FusedSum : public torch::autograd::Function<FusedSum> {
 public:
  static at::Tensor forward(AutogradContext*, const at::Tensor& x, const at::Tensor& bias,
                            const at::Tensor& addition) {
    const ChannelsLastLayout layout(x);
    at::Tensor y = torch::empty_like(x);
    channels_last_program(x).launch(x.device(), layout.over_pixels(),
                                    kernels::AddWithBias{.x = x.data_ptr(),
                                                         .bias = floats(bias),
                                                         .addition = addition.data_ptr(),
                                                         .y = y.data_ptr(),
                                                         .extent = layout.extent()});
    return y;
  }

  static variable_list backward(AutogradContext*, variable_list gradients) {
    const at::Tensor dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const ChannelsLastLayout layout(dy);
    const at::Tensor sums = layout.sums(dy);
    channels_last_program(dy).launch(
        dy.device(), layout.over_pixels(),
        kernels::SumChannels{.x = dy.data_ptr(), .sums = floats(sums), .extent = layout.extent()});
    return {dy, sums.select(2, 0).sum(at::IntArrayRef{0, 1}), dy};
  }
};

}  // namespace

bool can_fuse(const at::Tensor& x, std::int64_t channels) {
  if (!kernels_take(x) || x.dim() != 4 || x.numel() == 0 || !x.is_contiguous(at::MemoryFormat::ChannelsLast))
    return false;
  const std::int64_t length = vector_length(x);
  return channels % length == 0 && channels <= length * kKernelThreads;
}

at::Tensor fused_group_norm(const at::Tensor& x, const torch::nn::GroupNorm& norm,
                            const NormSurroundings& surroundings) {
  return FusedGroupNorm::apply(x.contiguous(at::MemoryFormat::ChannelsLast), as_float(norm->weight),
                               as_float(norm->bias), as_optional_float(surroundings.offset),
                               as_optional_float(surroundings.scale), as_optional_float(surroundings.shift),
                               norm->options.num_groups(), norm->options.eps(),
                               static_cast<std::int64_t>(surroundings.activation));
}

at::Tensor fused_sum(const at::Tensor& x, const at::Tensor& bias, const at::Tensor& addition) {
  return FusedSum::apply(x.contiguous(at::MemoryFormat::ChannelsLast), as_float(bias),
                         addition.to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast));
}

}  // namespace tha4
