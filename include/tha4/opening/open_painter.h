#pragma once

#include <memory>

#include "tha4/engine/frame_painter.h"
#include "tha4/opening/open_poser.h"

namespace tha4 {

/// Who paints the frames of what \p choice names: a character that the fused kernels can play, on the CPU or
/// a GPU, by them, see make_painter(); anything else as open_poser() opens it. Throws as open_poser().
std::unique_ptr<FramePainter> open_painter(const PoserChoice& choice);

}  // namespace tha4
