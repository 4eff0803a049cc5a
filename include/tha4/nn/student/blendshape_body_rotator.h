#pragma once

#include <optional>

#include "tha4/nn/student/blend_weights.h"
#include "tha4/nn/student/student_network.h"

namespace tha4 {

/// Sizes of one tiled blendshape.
struct TiledBlendshapeOptions {
  int channels;
  int tiles;           ///< tiles that have a basis
  int basis_size;      ///< of each tile
  int size = 256;      ///< width and height of the map, in cells
  int tile_size = 32;  ///< width and height of a tile, in cells; divides `size`
  int width = 256;     ///< of the MLP's hidden layers
  int hidden_layers = 4;
};

/// A map over the whole frame: a mean plus, tile by tile, the weighted sum of the tile's own basis. Tiles
/// where nothing moves have no basis. Bases of the whole frame would have three times the error at this cost.
class TiledBlendshapeImpl : public torch::nn::Module {
 public:
  explicit TiledBlendshapeImpl(const TiledBlendshapeOptions& options);

  /// The cells \p cells (a window of the map) for each pose, at a cost in proportion to the tiles that they
  /// touch.
  /// \param blend_weights  [N, tiles * basis_size], what `weights` gives for the poses
  /// \return [N, h, w, channels]
  torch::Tensor draw(const torch::Tensor& blend_weights, const FrameWindow& cells);

  const TiledBlendshapeOptions& options() const { return options_; }

  torch::Tensor mean;   ///< [channels, size, size]
  torch::Tensor tiles;  ///< buffer, int64 [tiles], ascending row-major indices of the tiles that have a basis
  torch::Tensor basis;  ///< [tiles, basis_size, channels * tile_size * tile_size]
  BlendWeights weights;

 private:
  TiledBlendshapeOptions options_;
};
TORCH_MODULE(TiledBlendshape);

/// Sizes of a blendshape body rotator's maps.
struct BlendshapeBodyOptions {
  TiledBlendshapeOptions flow;        ///< 2 channels
  TiledBlendshapeOptions appearance;  ///< 5 channels
  /// 2 channels; none: the maps stay where they are.
  std::optional<TiledBlendshapeOptions> motion = std::nullopt;
};

/// The blendshape kind of body rotator (docs/architecture.md, "Words"). One tiled blendshape gives the
/// appearance flow, another one the `appearance`: alpha and alpha times the directly drawn colours; both are
/// sampled bilinearly at the pixels of the window. blended = (1 - alpha) * warped + drawn. `direct` of the
/// result is drawn / alpha, with alpha kept above 0.001.
///
/// With a `motion`, a coarse tiled blendshape that is sampled at the pixels, both maps move with the body:
/// they are sampled where the motion leads, and the flow is the motion plus what its map holds there, so that
/// they hold still what the body carries along (docs/files.md, "Blendshape bodies").
class BlendshapeBodyRotatorImpl : public StudentBodyRotator {
 public:
  explicit BlendshapeBodyRotatorImpl(const BlendshapeBodyOptions& options);

  /// Throws InputError.
  static BlendshapeBodyOptions options_of(const WeightShapes& shapes);

  /// Throws InputError naming \p source if a tile index that was loaded is not that of a tile.
  void check_indices(const std::string& source) const;

  RotatorOutput rotate(const torch::Tensor& image, const torch::Tensor& poses,
                       const FrameWindow& window) override;

  TiledBlendshape flow;             ///< 2 channels
  TiledBlendshape appearance;       ///< 5 channels: alpha; alpha * R, G, B, A
  TiledBlendshape motion{nullptr};  ///< 2 channels; null: there is none
};
TORCH_MODULE(BlendshapeBodyRotator);

}  // namespace tha4
