#include "gpu_unet_player.h"

#include <algorithm>
#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

at::Tensor tensor_of(const std::vector<float>& values) {
  return torch::tensor(at::ArrayRef<float>(values));
}

/// As a convolution of 1x1.
/// \param matrix  [inputs, outputs]
PlainConvolution convolution_of(const at::Tensor& matrix, const at::Tensor& biases) {
  return {.weights = matrix.t().unsqueeze(2).unsqueeze(3), .biases = biases};
}

/// Those of several maps as one.
PlainConvolution joined(const std::vector<PlainConvolution>& skips) {
  std::vector<at::Tensor> weights;
  for (const PlainConvolution& skip : skips) weights.push_back(skip.weights);
  return {.weights = torch::cat(weights, 1), .biases = skips.front().biases};
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
    : layers_(std::move(convolutions)),
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
  condition_weights_ = condition_weights_.to(layers_.device());
  condition_biases_ = condition_biases_.to(layers_.device());
  for (int i = 0; i < 4; ++i) pose_embedding_[i] = program.pose_embedding[i].to(layers_.device());
}

GpuConvolution GpuUNetPlayer::pack(const PlainConvolution& convolution) const {
  return layers_.pack(convolution.weights, convolution.biases,
                      convolution.doubles ? MapWeights::doubled : MapWeights::plain);
}

GpuNorm GpuUNetPlayer::pack(const GroupNormWeights& norm) const {
  return layers_.pack_norm(tensor_of(norm.gammas), tensor_of(norm.betas), norm.groups);
}

GpuUNetPlayer::Step GpuUNetPlayer::pack(const PlainStep& step) {
  const auto& from = step.residual;
  Residual residual{.resized = from.resized,
                    .norm0 = pack(from.norm0),
                    .norm1 = pack(from.norm1),
                    .conv0 = pack(from.conv0),
                    .conv1 = pack(from.conv1),
                    .skip = std::nullopt,
                    .first_condition = from.first_condition};
  if (!from.skips.empty()) {
    residual.skip = pack(joined(from.skips));
    residual.conv1.biases = residual.conv1.biases + residual.skip->biases;
  }
  sum_channels_ += 2 * from.outputs;
  Step packed{.residual = std::move(residual), .attention = std::nullopt};
  if (step.attention) {
    sum_channels_ += from.outputs;
    packed.attention =
        Attention{.norm = pack(step.attention->norm),
                  .qkv = pack(convolution_of(step.attention->qkv, step.attention->qkv_biases)),
                  .conv = pack(convolution_of(step.attention->conv, step.attention->conv_biases))};
  }
  return packed;
}

std::vector<GpuUNetPlayer::Step> GpuUNetPlayer::pack(const std::vector<PlainStep>& steps) {
  std::vector<Step> packed;
  for (const PlainStep& step : steps) packed.push_back(pack(step));
  return packed;
}

/// The scales and shifts of a time, which is always the same, become part of those of poses: with scales s
/// and shifts t of the time, and 1 + a and b of a pose, they are s (1 + a) and t (1 + a) + b.
void GpuUNetPlayer::fold_times(const std::vector<PlainStep>& steps) {
  for (const auto& step : steps) {
    const auto& residual = step.residual;
    const auto part = [&](const at::Tensor& all, int begin) {
      return all.narrow(0, residual.first_condition + begin, residual.outputs);
    };
    at::Tensor biases = condition_biases_.unsqueeze(1);
    const at::Tensor times = tensor_of(residual.time_scales).unsqueeze(1),
                     time_shifts = tensor_of(residual.time_shifts).unsqueeze(1);
    const at::Tensor scales = part(condition_weights_, 0).clone(), scale = 1 + part(biases, 0);
    part(condition_weights_, 0).copy_(times * scales);
    part(biases, 0).copy_(times * scale);
    part(condition_weights_, residual.outputs).add_(time_shifts * scales);
    part(biases, residual.outputs).add_(time_shifts * scale);
  }
}

at::Tensor GpuUNetPlayer::conditions(const at::Tensor& pose) const {
  // cuBLAS takes several times as long for one row as for eight.
  constexpr std::int64_t kRows = 8;
  const std::int64_t images = pose.size(0);
  const at::Tensor rows = (images == 1 ? pose.expand({kRows, -1}) : pose).to(torch::kFloat);
  const auto& layers = pose_embedding_;
  const at::Tensor hidden = torch::silu(torch::linear(rows, layers[0], layers[1]));
  const at::Tensor embedded = torch::silu(torch::linear(hidden, layers[2], layers[3]));
  return torch::linear(embedded, condition_weights_, condition_biases_).narrow(0, 0, images).contiguous();
}

GpuMap GpuUNetPlayer::play_residual(const Residual& residual, const Maps& maps) {
  constexpr auto kSilu = kernels::MapActivation::silu;
  const GpuMap hidden = layers_.convolve(
      residual.conv0, maps,
      {.norm = &residual.norm0, .activation = kSilu, .halves = residual.resized == Resized::halved});
  const int step = conditions_.size(0) == 1 ? 0 : static_cast<int>(conditions_.size(1));
  GpuSurroundings surroundings{
      .norm = &residual.norm1,
      .conditions = {.first = conditions_.data_ptr<float>() + residual.first_condition, .step = step},
      .activation = kSilu};
  if (residual.skip) {
    surroundings.skip = &*residual.skip;
    surroundings.skipped = maps;
  } else {
    surroundings.added = maps.front();
    surroundings.addition = addition_to(residual.resized);
  }
  return layers_.convolve(residual.conv1, {&hidden}, surroundings);
}

GpuMap GpuUNetPlayer::play_attention(const Attention& attention, const GpuMap& map) {
  const at::Tensor qkv =
      layers_.convolve(attention.qkv, {&map}, {.norm = &attention.norm, .needs_sums = false}).values;
  const std::int64_t images = qkv.size(0), pixels = qkv.size(1) * qkv.size(2), channels = map.values.size(3);
  const auto parts =
      qkv.view({images, pixels, 3, heads_, channels / heads_}).permute({2, 0, 3, 1, 4}).unbind(0);
  const at::Tensor attended = torch::scaled_dot_product_attention(parts[0], parts[1], parts[2]);
  const GpuMap heads{.values = attended.transpose(1, 2).reshape(map.values.sizes()).contiguous(), .sums = {}};
  return layers_.convolve(attention.conv, {&heads}, {.added = &map, .addition = kernels::MapAddition::same});
}

GpuMap GpuUNetPlayer::play_step(const Step& step, const Maps& maps) {
  GpuMap result = play_residual(step.residual, maps);
  return step.attention ? play_attention(*step.attention, result) : result;
}

GpuMap GpuUNetPlayer::play(const GpuMap& input) {
  std::vector<GpuMap> kept{layers_.convolve(first_conv_, {&input}, {})};
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
  return layers_.convolve(last_conv_, {&x},
                          {.norm = &last_norm_,
                           .activation = kernels::MapActivation::silu,
                           .needs_sums = false,
                           .to_floats = true});
}

at::Tensor GpuUNetPlayer::forward(const at::Tensor& image, const at::Tensor& pose) {
  const torch::NoGradGuard no_grad;
  if (image.size(1) != inputs_) throw Error("a U-Net is given other channels than it was packed for");
  const std::lock_guard lock(mutex_);
  conditions_ = conditions(pose);
  layers_.begin(image.size(0), sum_channels_);
  const GpuMap input = layers_.read(image, fold_);
  layers_.compile(input, [&] { play(input); });
  const GpuMap results = play(input);
  layers_.end();
  conditions_ = at::Tensor();
  if (fold_ > 1) return layers_.planes_of(results, outputs_ / (fold_ * fold_), fold_);
  return results.values.narrow(3, 0, outputs_).permute({0, 3, 1, 2});
}

}  // namespace tha4
