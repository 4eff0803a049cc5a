#pragma once

#include <functional>
#include <span>

#include "tha4/base/context.h"
#include "tha4/image/rgba_image.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Poses \p poses, \p batch at a time, and gives the frames of each batch, with the index of its first pose,
/// to \p take, in order. Throws InterruptedError between batches where \p context asks for a stop.
void pose_in_batches(Poser& poser, std::span<const Pose> poses, const FrameWindow& window, int batch,
                     const std::function<void(std::size_t first, const PosedFrame& frames)>& take,
                     const Context& context = {});

/// Draws \p poses in that manner, and gives each picture with its index to \p take.
void draw_pictures(Poser& poser, std::span<const Pose> poses, const FrameWindow& window, int batch,
                   const std::function<void(std::size_t index, const RgbaImage& picture)>& take,
                   const Context& context = {});

}  // namespace tha4
