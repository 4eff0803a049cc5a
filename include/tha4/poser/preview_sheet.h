#pragma once

#include "tha4/image/region.h"
#include "tha4/image/rgba_image.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// The box in which the head of a rest image is expected, roughly (paper, section 3).
inline constexpr Region kHeadBox{192, 64, 128, 128};

/// Whether a preview shows where the head of a rest image is expected.
enum class HeadBox { hidden, shown };

/// A contact sheet of preview_poses(), four in a row, with their labels, and with kHeadBox drawn on the
/// first, the rest pose, where it is shown. Shows a progress line, and throws InterruptedError, as
/// pose_in_batches() does.
RgbaImage preview_sheet(Poser& poser, HeadBox head_box = HeadBox::hidden);

/// Draws the frame of kHeadBox, a pixel wide and just outside of it, on \p picture, the window \p window of a
/// frame, as far as it lies within.
void draw_head_box(RgbaImage& picture, const FrameWindow& window = {});

}  // namespace tha4
