#include "gpu_unet_player.h"

#include <algorithm>
#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr std::int64_t kPixelChannels = 16;  // that a pixel's channels are padded to

int padded_pixel_channels(std::int64_t channels) {
  return static_cast<int>((channels + kPixelChannels - 1) / kPixelChannels * kPixelChannels);
}

int channels_of(const GpuMap& map) {
  return static_cast<int>(map.values.size(3));
}

kernels::MapOfNumbers numbers_of(const GpuMap& map) {
  return {.values = map.values.data_ptr(),
          .sums = map.sums.defined() ? reinterpret_cast<const long long*>(map.sums.data_ptr()) : nullptr,
          .channels = channels_of(map)};
}

kernels::MapAddition addition_to(Resized resized) {
  if (resized == Resized::halved) return kernels::MapAddition::halved;
  return resized == Resized::doubled ? kernels::MapAddition::doubled : kernels::MapAddition::same;
}

}  // namespace

bool can_play_on_gpu(const UNetOptions& options) {
  constexpr std::int64_t kStep = 16;
  return options.model_channels % kStep == 0 &&
         std::all_of(options.levels.begin(), options.levels.end(),
                     [](const UNetLevel& level) { return level.channels % kStep == 0; });
}

GpuUNetPlayer::GpuUNetPlayer(const PlainUNetProgram& program, std::shared_ptr<GpuConvolutions> convolutions)
    : convolutions_(std::move(convolutions)),
      fold_(program.fold),
      heads_(program.heads),
      inputs_(program.inputs),
      outputs_(program.outputs),
      condition_weights_(program.conditions.clone()),
      condition_biases_(program.condition_biases.clone()) {
  const torch::NoGradGuard no_grad;
  first_conv_ = pack(program.first_conv);
  last_conv_ = pack(program.last_conv);
  last_norm_ = pack(program.last_norm);
  sum_channels_ = first_conv_.outputs;
  down_ = pack(program.down);
  middle_ = pack(program.middle);
  up_ = pack(program.up);
  for (const auto* steps : {&program.down, &program.middle, &program.up}) fold_times(*steps);
  condition_weights_ = condition_weights_.to(convolutions_->device());
  condition_biases_ = condition_biases_.to(convolutions_->device());
  for (int i = 0; i < 4; ++i) {
    pose_embedding_[i] = program.pose_embedding[i].to(convolutions_->device());
  }
}

at::Tensor GpuUNetPlayer::on_device(const std::vector<float>& values) const {
  return torch::tensor(at::ArrayRef<float>(values)).to(convolutions_->device());
}

GpuNorm GpuUNetPlayer::pack(const GroupNormWeights& norm) const {
  return {.gammas = on_device(norm.gammas), .betas = on_device(norm.betas), .groups = norm.groups};
}

GpuConvolution GpuUNetPlayer::pack(const PlainConvolution& convolution) const {
  const at::Tensor& weights = convolution.weights;
  const int outputs = static_cast<int>(weights.size(0));
  at::Tensor biases = torch::zeros({padded_map_outputs(outputs)});
  if (convolution.biases.defined()) biases.narrow(0, 0, outputs).copy_(convolution.biases);
  return {
      .weights =
          pack_map_weights(weights, convolution.doubles, convolutions_->type()).to(convolutions_->device()),
      .biases = biases.to(convolutions_->device()),
      .outputs = outputs,
      .taps = weights.size(2) == 1  ? 1
              : convolution.doubles ? 4
                                    : 9};
}

/// \param matrix  [inputs, outputs]
GpuConvolution GpuUNetPlayer::pack_matrix(const at::Tensor& matrix, const at::Tensor& biases) const {
  return pack(PlainConvolution{.weights = matrix.t().unsqueeze(2).unsqueeze(3), .biases = biases});
}

GpuConvolution GpuUNetPlayer::pack_skips(const std::vector<PlainConvolution>& skips) const {
  std::vector<at::Tensor> weights;
  for (const PlainConvolution& skip : skips) weights.push_back(skip.weights);
  return pack(PlainConvolution{.weights = torch::cat(weights, 1), .biases = skips.front().biases});
}

GpuUNetPlayer::Step GpuUNetPlayer::pack(const UNetStepOf<PlainConvolution>& step) {
  const auto& from = step.residual;
  Residual residual{.resized = from.resized,
                    .norm0 = pack(from.norm0),
                    .norm1 = pack(from.norm1),
                    .conv0 = pack(from.conv0),
                    .conv1 = pack(from.conv1),
                    .skip = std::nullopt,
                    .first_condition = from.first_condition};
  if (!from.skips.empty()) {
    residual.skip = pack_skips(from.skips);
    residual.conv1.biases = residual.conv1.biases + residual.skip->biases;
  }
  sum_channels_ += 2 * from.outputs;
  Step packed{.residual = std::move(residual), .attention = std::nullopt};
  if (step.attention) {
    sum_channels_ += from.outputs;
    packed.attention = Attention{.norm = pack(step.attention->norm),
                                 .qkv = pack_matrix(step.attention->qkv, step.attention->qkv_biases),
                                 .conv = pack_matrix(step.attention->conv, step.attention->conv_biases)};
  }
  return packed;
}

std::vector<GpuUNetPlayer::Step> GpuUNetPlayer::pack(const std::vector<UNetStepOf<PlainConvolution>>& steps) {
  std::vector<Step> packed;
  for (const auto& step : steps) packed.push_back(pack(step));
  return packed;
}

/// The scales and shifts of a time, which is always the same, become part of those of poses: with scales s
/// and shifts t of the time, and 1 + a and b of a pose, they are s (1 + a) and t (1 + a) + b.
void GpuUNetPlayer::fold_times(const std::vector<UNetStepOf<PlainConvolution>>& steps) {
  for (const auto& step : steps) {
    const auto& residual = step.residual;
    const auto part = [&](const at::Tensor& all, int begin) {
      return all.narrow(0, residual.first_condition + begin, residual.outputs);
    };
    const auto column = [](const std::vector<float>& values) {
      return torch::tensor(at::ArrayRef<float>(values)).unsqueeze(1);
    };
    at::Tensor biases = condition_biases_.unsqueeze(1);
    const at::Tensor times = column(residual.time_scales), time_shifts = column(residual.time_shifts);
    const at::Tensor scales = part(condition_weights_, 0).clone(), scale = 1 + part(biases, 0);
    part(condition_weights_, 0).copy_(times * scales);
    part(biases, 0).copy_(times * scale);
    part(condition_weights_, residual.outputs).add_(time_shifts * scales);
    part(biases, residual.outputs).add_(time_shifts * scale);
  }
}

at::Tensor GpuUNetPlayer::conditions(const at::Tensor& pose) const {
  const auto& layers = pose_embedding_;
  const at::Tensor hidden = torch::silu(torch::linear(pose.to(torch::kFloat), layers[0], layers[1]));
  const at::Tensor embedded = torch::silu(torch::linear(hidden, layers[2], layers[3]));
  return torch::linear(embedded, condition_weights_, condition_biases_).contiguous();
}

GpuMap GpuUNetPlayer::read(const at::Tensor& image) const {
  const at::Tensor planes = fold_ > 1 ? torch::pixel_unshuffle(image, fold_) : image;
  const std::int64_t channels = planes.size(1);
  const at::Tensor values =
      torch::zeros({planes.size(0), planes.size(2), planes.size(3), padded_pixel_channels(channels)},
                   at::TensorOptions(convolutions_->type()).device(convolutions_->device()));
  values.narrow(3, 0, channels).copy_(planes.permute({0, 2, 3, 1}));
  return {.values = values, .sums = {}};
}

at::Tensor GpuUNetPlayer::take_sums(std::int64_t images, std::int64_t channels) {
  const std::int64_t count = images * channels * 2;
  at::Tensor taken = sums_.narrow(0, used_sums_, count);
  used_sums_ += count;
  return taken;
}

GpuMap GpuUNetPlayer::convolve(const GpuConvolution& convolution, const Maps& from,
                               const Surroundings& surroundings) {
  const at::Tensor& first = from.front()->values;
  const std::int64_t divisor = surroundings.halves ? 2 : 1, factor = convolution.taps == 4 ? 2 : 1;
  MapConvolutionShape shape{.images = static_cast<int>(first.size(0)),
                            .height = static_cast<int>(first.size(1) / divisor),
                            .width = static_cast<int>(first.size(2) / divisor),
                            .taps = convolution.taps,
                            .halves = surroundings.halves,
                            .inputs = {},
                            .skipped = {},
                            .outputs = padded_map_outputs(convolution.outputs)};
  kernels::MapConvolution work{};
  work.height = static_cast<int>(first.size(1));
  work.width = static_cast<int>(first.size(2));
  for (std::size_t i = 0; i < from.size(); ++i) {
    work.from[i] = numbers_of(*from[i]);
    shape.inputs.push_back(work.from[i].channels);
  }
  if (surroundings.norm != nullptr) {
    work.gammas = surroundings.norm->gammas.data_ptr<float>();
    work.betas = surroundings.norm->betas.data_ptr<float>();
    work.groups = surroundings.norm->groups;
    work.has_silu = surroundings.has_silu ? 1 : 0;
  }
  work.conditions = surroundings.conditions;
  work.condition_step = conditions_.size(0) == 1 ? 0 : static_cast<int>(conditions_.size(1));
  work.weights = convolution.weights.data_ptr();
  work.biases = convolution.biases.data_ptr<float>();
  if (surroundings.skip != nullptr) {
    work.skip_weights = surroundings.skip->weights.data_ptr();
    for (std::size_t i = 0; i < surroundings.skipped.size(); ++i) {
      work.skipped[i] = numbers_of(*surroundings.skipped[i]);
      shape.skipped.push_back(work.skipped[i].channels);
    }
  }
  if (surroundings.added != nullptr) {
    work.added = surroundings.added->values.data_ptr();
    work.addition = surroundings.addition;
  }
  constexpr std::int64_t kVector = 8;  // channels that a thread writes
  const std::int64_t channels = (convolution.outputs + kVector - 1) / kVector * kVector;
  work.to_channels = static_cast<int>(channels);
  GpuMap to;
  to.values =
      torch::empty({shape.images, shape.height * factor, shape.width * factor, channels},
                   first.options().dtype(surroundings.to_floats ? torch::kFloat : first.scalar_type()));
  if (surroundings.to_floats) {
    work.floats = to.values.data_ptr<float>();
  } else {
    work.to = to.values.data_ptr();
    if (surroundings.needs_sums) {
      to.sums = take_sums(shape.images, channels);
      work.to_sums = reinterpret_cast<long long*>(to.sums.data_ptr());
    }
  }
  convolutions_->launch(shape, best_layout(shape, convolutions_->limits()), work);
  return to;
}

GpuMap GpuUNetPlayer::play_residual(const Residual& residual, const Maps& maps) {
  const GpuMap hidden = convolve(residual.conv0, maps,
                                 {.norm = &residual.norm0, .halves = residual.resized == Resized::halved});
  Surroundings surroundings{.norm = &residual.norm1,
                            .conditions = conditions_.data_ptr<float>() + residual.first_condition};
  if (residual.skip) {
    surroundings.skip = &*residual.skip;
    surroundings.skipped = maps;
  } else {
    surroundings.added = maps.front();
    surroundings.addition = addition_to(residual.resized);
  }
  return convolve(residual.conv1, {&hidden}, surroundings);
}

GpuMap GpuUNetPlayer::play_attention(const Attention& attention, const GpuMap& map) {
  const at::Tensor qkv =
      convolve(attention.qkv, {&map}, {.norm = &attention.norm, .has_silu = false, .needs_sums = false})
          .values;
  const std::int64_t images = qkv.size(0), pixels = qkv.size(1) * qkv.size(2), channels = channels_of(map);
  const auto parts =
      qkv.view({images, pixels, 3, heads_, channels / heads_}).permute({2, 0, 3, 1, 4}).unbind(0);
  const at::Tensor attended = torch::scaled_dot_product_attention(parts[0], parts[1], parts[2]);
  const GpuMap heads{.values = attended.transpose(1, 2).reshape(map.values.sizes()).contiguous(), .sums = {}};
  return convolve(attention.conv, {&heads}, {.added = &map, .addition = kernels::MapAddition::same});
}

GpuMap GpuUNetPlayer::play_step(const Step& step, const Maps& maps) {
  GpuMap result = play_residual(step.residual, maps);
  return step.attention ? play_attention(*step.attention, result) : result;
}

at::Tensor GpuUNetPlayer::forward(const at::Tensor& image, const at::Tensor& pose) {
  const torch::NoGradGuard no_grad;
  if (image.size(1) != inputs_) throw Error("a U-Net is given other channels than it was packed for");
  const std::lock_guard lock(mutex_);
  conditions_ = conditions(pose);
  sums_ = torch::zeros({2 * sum_channels_ * image.size(0)},
                       at::TensorOptions(torch::kLong).device(convolutions_->device()));
  used_sums_ = 0;
  const GpuMap input = read(image);
  std::vector<GpuMap> kept{convolve(first_conv_, {&input}, {})};
  for (const Step& step : down_) kept.push_back(play_step(step, {&kept.back()}));
  GpuMap x = kept.back();
  for (const Step& step : middle_) x = play_step(step, {&x});
  for (const Step& step : up_) {
    if (step.residual.resized == Resized::doubled) {
      x = play_step(step, {&x});
      continue;
    }
    x = play_step(step, {&x, &kept.back()});
    kept.pop_back();
  }
  const at::Tensor results =
      convolve(last_conv_, {&x}, {.norm = &last_norm_, .needs_sums = false, .to_floats = true}).values;
  const at::Tensor planes = results.narrow(3, 0, outputs_).permute({0, 3, 1, 2});
  conditions_ = sums_ = at::Tensor();
  return fold_ > 1 ? torch::pixel_shuffle(planes.contiguous(), fold_) : planes;
}

}  // namespace tha4
