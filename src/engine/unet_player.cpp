#include "unet_player.h"

#include <cmath>
#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/single_thread.h"

namespace tha4 {
namespace {

constexpr double kEpsilon = 1e-5;  // of LibTorch's group norm

/// Where a channel's sums are, of maps one after the other.
struct ChannelPlace {
  const LayerMap* map;
  std::size_t channel;
  std::size_t line;  ///< in ChannelLines
};

std::vector<ChannelPlace> places_of(const std::vector<const LayerMap*>& maps) {
  std::vector<ChannelPlace> places;
  std::size_t first = 0;
  for (const LayerMap* map : maps) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(map->channels); ++i) {
      places.push_back({map, i, first + i});
    }
    first += static_cast<std::size_t>(map->view->channels);
  }
  return places;
}

/// Applies a block's scales and shifts by time and pose.
void condition_lines(ChannelLines& lines, const ResidualWeights& weights, const float* conditions) {
  const float* const scales = conditions + weights.first_condition;
  const float* const shifts = scales + weights.outputs;
  for (std::size_t i = 0; i < static_cast<std::size_t>(weights.outputs); ++i) {
    const float pose = 1 + scales[i];
    lines.slopes[i] *= weights.time_scales[i] * pose;
    lines.intercepts[i] =
        (lines.intercepts[i] * weights.time_scales[i] + weights.time_shifts[i]) * pose + shifts[i];
  }
}

Addition addition_of(Resized resized) {
  if (resized == Resized::halved) return Addition::halved;
  return resized == Resized::doubled ? Addition::doubled : Addition::same;
}

std::vector<const LayerMap*> only(const LayerMap& map) {
  return {&map};
}

}  // namespace

ChannelLines norm_lines(const GroupNormWeights& weights, const std::vector<const LayerMap*>& maps) {
  std::size_t padded = 0;
  for (const LayerMap* map : maps) padded += static_cast<std::size_t>(map->view->channels);
  ChannelLines lines{.slopes = std::vector<float>(padded), .intercepts = std::vector<float>(padded)};
  const std::vector<ChannelPlace> places = places_of(maps);
  const double pixels = static_cast<double>(maps.front()->view->height) * maps.front()->view->width;
  const std::size_t size = places.size() / static_cast<std::size_t>(weights.groups);
  for (std::size_t first = 0; first < places.size(); first += size) {
    double sum = 0, squares = 0;
    for (std::size_t i = first; i < first + size; ++i) {
      sum += places[i].map->sums[places[i].channel];
      squares += places[i].map->squares[places[i].channel];
    }
    const double count = pixels * static_cast<double>(size), mean = sum / count;
    const double variance = std::max(squares / count - mean * mean, 0.0);
    const double inverse = 1 / std::sqrt(variance + kEpsilon);
    for (std::size_t i = first; i < first + size; ++i) {
      const double slope = weights.gammas[i] * inverse;
      lines.slopes[places[i].line] = static_cast<float>(slope);
      lines.intercepts[places[i].line] = static_cast<float>(weights.betas[i] - mean * slope);
    }
  }
  return lines;
}

UNetPlayer::UNetPlayer(UNetProgram program, std::shared_ptr<MapPlayer> player)
    : program_(std::move(program)), player_(std::move(player)) {}

at::Tensor UNetPlayer::conditions(const at::Tensor& pose) const {
  const auto& layers = program_.pose_embedding;
  const at::Tensor hidden = torch::silu(torch::linear(pose, layers[0], layers[1]));
  const at::Tensor embedded = torch::silu(torch::linear(hidden, layers[2], layers[3]));
  return torch::linear(embedded, program_.conditions, program_.condition_biases).contiguous();
}

at::Tensor UNetPlayer::forward(const at::Tensor& image, const at::Tensor& pose) {
  const torch::NoGradGuard no_grad;
  if (image.size(1) != program_.inputs) throw Error("a U-Net is given other channels than it was packed for");
  const SingleThread single;
  const std::lock_guard lock(player_->mutex());
  std::vector<at::Tensor> results;
  for (std::int64_t i = 0; i < image.size(0); ++i) {
    // One by one, so that a pose is the same in every batch.
    const at::Tensor own = conditions(pose.narrow(0, pose.size(0) == 1 ? 0 : i, 1).to(torch::kFloat));
    results.push_back(play(image[i].to(torch::kFloat), own.data_ptr<float>()));
  }
  return torch::stack(results);
}

at::Tensor UNetPlayer::play(const at::Tensor& image, const float* conditions) {
  const bool folds = program_.fold > 1;
  const LayerMap input = player_->read(folds ? torch::pixel_unshuffle(image, program_.fold) : image);
  std::vector<LayerMap> kept{player_->convolve(program_.first_conv, input, program_.first_channels)};
  for (const UNetStep& step : program_.down) {
    kept.push_back(play_step(step, only(kept.back()), conditions));
  }
  LayerMap x = kept.back();
  for (const UNetStep& step : program_.middle) x = play_step(step, only(x), conditions);
  for (const UNetStep& step : program_.up) {
    if (step.residual.resized == Resized::doubled) {
      x = play_step(step, only(x), conditions);
      continue;
    }
    x = play_step(step, {&x, &kept.back()}, conditions);
    kept.pop_back();
  }
  const LayerMap last =
      player_->activate(only(x), norm_lines(program_.last_norm, only(x)), MapActivation::silu);
  const LayerMap results = player_->convolve_to_floats(program_.last_conv, last, program_.outputs);
  const at::Tensor planes = MapPlayer::tensor_of(results).permute({2, 0, 1});
  return folds ? torch::pixel_shuffle(planes.contiguous(), program_.fold) : planes.contiguous();
}

LayerMap UNetPlayer::play_step(const UNetStep& step, const std::vector<const LayerMap*>& maps,
                               const float* conditions) {
  LayerMap result = play_residual(step.residual, maps, conditions);
  return step.attention ? play_attention(*step.attention, result) : result;
}

LayerMap UNetPlayer::play_residual(const ResidualWeights& weights, const std::vector<const LayerMap*>& maps,
                                   const float* conditions) {
  const bool halves = weights.resized == Resized::halved;
  LayerMap hidden = player_->convolve(
      weights.conv0, player_->activate(maps, norm_lines(weights.norm0, maps), MapActivation::silu, halves),
      weights.outputs);
  ChannelLines lines = norm_lines(weights.norm1, only(hidden));
  condition_lines(lines, weights, conditions);
  hidden = player_->activate(only(hidden), lines, MapActivation::silu);
  if (weights.skips.empty()) {
    return player_->convolve(weights.conv1, hidden, weights.outputs, addition_of(weights.resized),
                             *maps.front()->view);
  }
  const LayerMap skipped = player_->mix(weights.skips, maps, weights.outputs);
  return player_->convolve(weights.conv1, hidden, weights.outputs, Addition::same, *skipped.view,
                           skipped.view);
}

LayerMap UNetPlayer::play_attention(const AttentionWeights& weights, const LayerMap& map) const {
  const ChannelLines lines = norm_lines(weights.norm, only(map));
  const auto of_channels = [&](const std::vector<float>& values) {
    return torch::tensor(at::ArrayRef<float>(values.data(), static_cast<std::size_t>(map.channels)));
  };
  const std::int64_t pixels = static_cast<std::int64_t>(map.view->height) * map.view->width;
  const at::Tensor x = MapPlayer::tensor_of(map).to(torch::kFloat).reshape({pixels, map.channels});
  const at::Tensor normalized = torch::addcmul(of_channels(lines.intercepts), x, of_channels(lines.slopes));
  const auto parts = torch::addmm(weights.qkv_biases, normalized, weights.qkv)
                         .view({pixels, 3, program_.heads, map.channels / program_.heads})
                         .permute({1, 2, 0, 3})
                         .unsqueeze(1)
                         .unbind(0);
  const at::Tensor attended = torch::scaled_dot_product_attention(parts[0], parts[1], parts[2])
                                  .squeeze(0)
                                  .permute({1, 0, 2})
                                  .reshape({pixels, map.channels});
  const at::Tensor result = x + torch::addmm(weights.conv_biases, attended, weights.conv);
  return player_->write(result.view({map.view->height, map.view->width, map.channels}));
}

}  // namespace tha4
