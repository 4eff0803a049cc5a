#pragma once

#include <memory>
#include <vector>

#include "moving_loss.h"
#include "moving_pixels.h"

#include "tha4/engine/tile_workers.h"
#include "tha4/train/adam.h"

namespace tha4 {

/// What a step looks at, and how.
struct TunedPixels {
  double squared_weight = 0;  ///< of the squared error, beside the absolute one
  /// Of so many rows of pixels, one is looked at: of the first frame the one of this number, of the next
  /// frame the one after it, and so on.
  int row_step = 1;
  std::int64_t first_row = 0;
};

/// The loss of a step, and its gradients by the blend weights.
struct TunedBody {
  double loss = 0;
  BodyBlendWeights gradients = {};
};

/// Tunes the bases of a body rotator on whole frames, on a CPU. A step draws the maps of a few poses, looks
/// at each pixel once, and takes each tile's images a step down their gradient while these are at hand: one
/// after the other, LibTorch's operations would write and read a basis eight times and more.
class BodyTuner {
 public:
  /// \param body    on the CPU
  /// \param frames  likewise; must outlive this
  /// \param batch   most frames of a step
  BodyTuner(const BlendshapeBodyRotator& body, const BlendedFrames& frames, int batch, int threads);
  ~BodyTuner();

  /// One step down the gradient of blended_loss_by_layers(), or of moving_loss_by_layers() where the body has
  /// a motion, of the bases alone.
  /// \param weights  blend weights for the poses of the frames \p rows; no motion's where there is none
  /// \param adam     has the moments of the bases
  /// \param rate     the learning rate
  TunedBody step(const BodyBlendWeights& weights, const std::vector<std::int64_t>& rows,
                 const TunedPixels& pixels, Adam& adam, double rate);

 private:
  class Map;
  struct Scratch;

  void for_tiles(const std::function<void(Map& map, int tile, Scratch& scratch)>& work);
  double compare(int pose, std::int64_t row, int poses, const TunedPixels& pixels, Scratch& scratch);

  const BlendedFrames& frames_;
  at::Tensor rest_;                         ///< [512][512][4]
  std::vector<std::unique_ptr<Map>> maps_;  ///< appearance, flow and, where there is one, motion
  std::vector<float> no_motion_;            ///< of one cell, with its gradient, where there is none
  std::vector<Between> columns_, rows_;     ///< of the window, in cells of the motion
  std::vector<Scratch> scratch_;            ///< of each thread
  TileWorkers workers_;
};

}  // namespace tha4
