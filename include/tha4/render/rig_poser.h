#pragma once

#include <memory>

#include <c10/core/Device.h>

#include "tha4/poser/poser.h"
#include "tha4/rig/rig.h"

namespace tha4 {

/// The poser of a rigged character: its frames are drawn, not guessed. `direct` is the frame as drawn, at any
/// resolution; `flow` leads each pixel to where its surface lies in the frame of the same expression with the
/// skeleton at rest, and `warped` is the rest image with `face` pasted into it, through that flow; `alpha` is
/// 1 where that frame does not show the surface, and wherever else `warped` differs plainly; `blended` is
/// within 15/255 of the frame as drawn everywhere (premultiplied linear light in [0, 1]). Results are on
/// \p device. OpenGL draws on that GPU where it is one that OpenGL draws on, without a copy through the
/// host's memory; else on the first GPU that it finds, else in software. Throws as RigRenderer does.
std::unique_ptr<Poser> make_rig_poser(Rig rig, c10::Device device);

}  // namespace tha4
