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

const float* floats(const at::Tensor& tensor) {
  return tensor.defined() ? tensor.data_ptr<float>() : nullptr;
}

const float* floats(const std::optional<at::Tensor>& tensor) {
  return tensor ? tensor->data_ptr<float>() : nullptr;
}

float* writable(const at::Tensor& tensor) {
  return tensor.data_ptr<float>();
}

const void* picture(const at::Tensor& tensor) {
  return tensor.data_ptr();
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
    program.launch("sum_moments", x.device(), layout.over_pixels(), picture(x), writable(sums), layout.pixels,
                   layout.channels, layout.rows_per_chunk);
    at::Tensor slope = layout.per_channel(x), intercept = layout.per_channel(x), mean = layout.per_channel(x),
               centre = layout.per_channel(x), deviation = layout.per_channel(x);
    program.launch("finish_moments", x.device(), layout.over_images(), picture(x),
                   static_cast<const float*>(writable(sums)), floats(offset), floats(gamma), floats(beta),
                   floats(scale), floats(shift), writable(slope), writable(intercept), writable(mean),
                   writable(centre), writable(deviation), layout.pixels, layout.channels,
                   static_cast<int>(groups), layout.chunks, static_cast<float>(epsilon));
    at::Tensor y = torch::empty_like(x);
    program.launch("apply", x.device(), layout.over_pixels(), picture(x), floats(slope), floats(intercept),
                   y.data_ptr(), layout.pixels, layout.channels, layout.rows_per_chunk,
                   static_cast<int>(activation));
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
    program.launch("sum_gradients", x.device(), layout.over_pixels(), picture(x), picture(dy), floats(slope),
                   floats(intercept), floats(centre), writable(sums), layout.pixels, layout.channels,
                   layout.rows_per_chunk, activation);
    at::Tensor sum_dz = layout.per_channel(x), sum_dz_n = layout.per_channel(x),
               along = layout.per_channel(x), constant = layout.per_channel(x),
               sum_dx = layout.per_channel(x);
    program.launch("finish_gradients", x.device(), layout.over_images(),
                   static_cast<const float*>(writable(sums)), floats(gamma), floats(scale), floats(slope),
                   floats(mean), floats(centre), floats(deviation), writable(sum_dz), writable(sum_dz_n),
                   writable(along), writable(constant), writable(sum_dx), layout.pixels, layout.channels,
                   groups, layout.chunks);
    at::Tensor d_offset = torch::empty_like(gamma), d_gamma = torch::empty_like(gamma),
               d_beta = torch::empty_like(gamma), d_scale = layout.per_channel(x),
               d_shift = layout.per_channel(x);
    program.launch("finish_parameters", x.device(), layout.over_channels(), floats(sum_dz), floats(sum_dz_n),
                   floats(sum_dx), floats(gamma), floats(beta), floats(scale), writable(d_offset),
                   writable(d_gamma), writable(d_beta), writable(d_scale), writable(d_shift), layout.images,
                   layout.channels);
    at::Tensor dx = torch::empty_like(x);
    program.launch("input_gradient", x.device(), layout.over_pixels(), picture(x), picture(dy), floats(slope),
                   floats(intercept), floats(along), floats(constant), dx.data_ptr(), layout.pixels,
                   layout.channels, layout.rows_per_chunk, activation);
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
    channels_last_program(x).launch("add_with_bias", x.device(), layout.over_pixels(), picture(x),
                                    floats(bias), picture(addition), y.data_ptr(), layout.pixels,
                                    layout.channels, layout.rows_per_chunk);
    return y;
  }

  static variable_list backward(AutogradContext*, variable_list gradients) {
    const at::Tensor dy = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
    const ChannelsLastLayout layout(dy);
    const at::Tensor sums = layout.sums(dy);
    channels_last_program(dy).launch("sum_channels", dy.device(), layout.over_pixels(), picture(dy),
                                     writable(sums), layout.pixels, layout.channels, layout.rows_per_chunk);
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
