#pragma once

#include <algorithm>

#include <torch/types.h>

#include "tha4/image/region.h"
#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/blocks/sine_layer.h"

// What the SIRENs share: their input is (features?, x, y, pose) at every pixel. The pose's term of the first
// layer is the same at all pixels, so it is computed once and added like a bias.
//
// On a CPU and without gradients, pixels are evaluated in tiles of the same number of pixels, one pose at a
// time. That keeps intermediate values in the processor's cache. It also makes a pixel's value independent of
// the window and batch that it was asked for with: matrix products round differently at different sizes, and
// a SIREN amplifies that from layer to layer to as much as 1e-4.
//
// Then it also computes in double precision what its float32 weights say: the warp makes up to 3e-4 of a
// colour of what float32 sums lose of the flow.

namespace tha4 {

inline constexpr int kTilePixels = 4096;

inline bool evaluates_in_tiles(const torch::Tensor& tensor) {
  return tensor.is_cpu() && !torch::GradMode::is_enabled();
}

/// What a SIREN of these weights computes in.
inline torch::ScalarType sum_type(const torch::Tensor& weight) {
  const bool is_exact = evaluates_in_tiles(weight) && weight.scalar_type() == torch::kFloat32;
  return is_exact ? torch::kFloat64 : weight.scalar_type();
}

/// Pixels [..., P, C] filled up with zeros to a whole tile, where pixels are evaluated in tiles.
inline torch::Tensor fill_tile(const torch::Tensor& pixels) {
  const std::int64_t missing = kTilePixels - pixels.size(-2);
  if (torch::GradMode::is_enabled() || !pixels.is_cpu() || missing == 0) return pixels;
  return torch::constant_pad_nd(pixels, {0, 0, 0, missing});
}

/// W x + b of a layer whose inputs are (`features` other values, x, y, pose), without the other values'
/// term.
/// \param positions  [P, 2]
/// \param poses      [N, pose size]
/// \return [N, P, outputs]
inline torch::Tensor position_and_pose_terms(const SineLayer& layer, std::int64_t features,
                                             const torch::Tensor& positions, const torch::Tensor& poses) {
  const torch::ScalarType type = sum_type(layer->weight());
  const torch::Tensor weight = layer->weight().to(type);
  const auto of_position = torch::matmul(positions.to(type), weight.narrow(1, features, 2).t());
  const auto of_pose = torch::addmm(layer->bias().to(type), poses.to(type),
                                    weight.narrow(1, features + 2, weight.size(1) - features - 2).t());
  return of_position.unsqueeze(0) + of_pose.unsqueeze(1);
}

/// The last, linear layer. Matrix products of fewer than 12 columns round rows differently by their place, so
/// the layer gets 16 outputs, of which the surplus is dropped.
inline torch::Tensor apply_output_layer(const Convolution& layer, const torch::Tensor& pixels) {
  constexpr std::int64_t kMinOutputs = 16;
  const std::int64_t outputs = layer->weight().size(0);
  if (torch::GradMode::is_enabled() || outputs >= kMinOutputs) return apply_to_pixels(layer, pixels);
  const torch::Tensor weight =
      torch::constant_pad_nd(layer->weight().flatten(1), {0, 0, 0, kMinOutputs - outputs});
  const torch::Tensor bias = torch::constant_pad_nd(layer->bias(), {0, kMinOutputs - outputs});
  const auto type = pixels.scalar_type();
  return torch::linear(pixels, weight.to(type), bias.to(type)).narrow(-1, 0, outputs);
}

/// Positions of a window's pixels as [P, 2], filled up to a tile.
inline torch::Tensor tile_positions(const FrameWindow& window, at::Device device) {
  return fill_tile(pixel_centres(window, device).view({-1, 2}));
}

/// [N, h, w, C] of the pixels of \p window.
/// \param evaluate  (index of the first pose, number of poses, window of a tile) ↦ [poses, pixels or more,
///                  C], the tile's pixels first
template <class Evaluate>
torch::Tensor evaluate_pixels(const torch::Tensor& poses, const FrameWindow& window, Evaluate evaluate) {
  const Region& region = window.region;
  const std::int64_t batch = poses.size(0);
  if (!evaluates_in_tiles(poses)) {
    const torch::Tensor values = evaluate(std::int64_t{0}, batch, window);
    return values.view({batch, region.height, region.width, values.size(2)});
  }
  const int width = std::min(region.width, kTilePixels);
  const int height = kTilePixels / width;
  torch::Tensor result;
  for (std::int64_t n = 0; n < batch; ++n) {
    for (int y = 0; y < region.height; y += height) {
      for (int x = 0; x < region.width; x += width) {
        const Region tile{region.x + x, region.y + y, std::min(width, region.width - x),
                          std::min(height, region.height - y)};
        const torch::Tensor values = evaluate(n, std::int64_t{1}, FrameWindow{window.resolution, tile});
        if (!result.defined()) {
          result = torch::empty({batch, region.height, region.width, values.size(2)}, values.options());
        }
        result[n]
            .narrow(0, y, tile.height)
            .narrow(1, x, tile.width)
            .copy_(values[0].narrow(0, 0, tile.width * tile.height).unflatten(0, {tile.height, tile.width}));
      }
    }
  }
  return result;
}

}  // namespace tha4
