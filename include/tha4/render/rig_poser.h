#pragma once

#include <memory>

#include <c10/core/Device.h>

#include "tha4/poser/poser.h"
#include "tha4/render/rig.h"

namespace tha4 {

/// The poser of a rigged character: its frames are drawn, not guessed. `direct` is the frame as drawn, at any
/// resolution; `flow` leads each pixel to where its surface lies at rest; `alpha` is 1 where the rest image
/// does not show that surface, and wherever else `warped` differs plainly; `blended` is within 15/255 of the
/// frame as drawn everywhere (premultiplied linear light in [0, 1]). Results are on \p device; OpenGL draws
/// where it finds a GPU, on a CUDA device without a copy through the host's memory, else in software. Throws
/// as RigRenderer does.
std::unique_ptr<Poser> make_rig_poser(Rig rig, c10::Device device);

}  // namespace tha4
