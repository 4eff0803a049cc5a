#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "tha4/data/character_set.h"
#include "tha4/rig/rig.h"

namespace tha4 {

/// Draws characters that are rigs, with OpenGL.
/// \param make_rig     the rig of a character by its number; called again when the character changes
/// \param cuda_device  the GPU that draws, as RigRenderer's
std::unique_ptr<CharacterRenderer> make_rig_character_renderer(std::function<Rig(std::uint64_t)> make_rig,
                                                               int cuda_device);

}  // namespace tha4
