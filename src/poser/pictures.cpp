#include "tha4/poser/pictures.h"

#include <algorithm>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"
#include "tha4/image/color.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {

void pose_in_batches(Poser& poser, std::span<const Pose> poses, const FrameWindow& window, int batch,
                     const std::function<void(std::size_t first, const PosedFrame& frames)>& take,
                     const Context& context) {
  const auto size = static_cast<std::size_t>(std::max(batch, 1));
  Progress progress(context, "frames", static_cast<std::int64_t>(poses.size()), "frames");
  progress.update(0);
  for (std::size_t first = 0; first < poses.size(); first += size) {
    if (context.stop.stop_requested()) {
      progress.finish();
      throw InterruptedError("interrupted after " + std::to_string(first) + " of " +
                             std::to_string(poses.size()) + " frames");
    }
    const auto part = poses.subspan(first, std::min(size, poses.size() - first));
    take(first, poser.pose(to_tensor(part), window));
    progress.update(static_cast<std::int64_t>(first + part.size()));
  }
}

void draw_pictures(Poser& poser, std::span<const Pose> poses, const FrameWindow& window, int batch,
                   const std::function<void(std::size_t index, const RgbaImage& picture)>& take,
                   const Context& context) {
  const auto take_all = [&](std::size_t first, const PosedFrame& frames) {
    const at::Tensor pictures = frames.blended.cpu();
    for (std::int64_t i = 0; i < pictures.size(0); ++i) {
      take(first + static_cast<std::size_t>(i), to_rgba_image(pictures[i]));
    }
  };
  pose_in_batches(poser, poses, window, batch, take_all, context);
}

}  // namespace tha4
