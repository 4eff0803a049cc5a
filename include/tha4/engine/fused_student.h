#pragma once

#include <memory>

#include "tha4/engine/empty_cells.h"
#include "tha4/engine/tile_workers.h"
#include "tha4/poser/character.h"

// Students on CPUs, played by kernels of the project's own instead of LibTorch's layers.

namespace tha4 {

/// \p character with its networks as fused kernels on the CPU, which StudentPoser plays as it plays any
/// networks. Of SIRENs, all layers of a tile of pixels one after the other, in fixed-point numbers of 16 bits
/// where they are products of sines, in float32 where they are positions; of blendshapes, sums of bases that
/// are kept in 8 bits, or in 16 where that would be seen. Their frames are within 50 dB of the networks' own.
/// \param workers  that evaluate tiles; shared by the networks
/// \param empty    cells that are not evaluated where can_skip_cells(): frames are transparent there, with a
///                 flow and an alpha of 0
Character fused(const Character& character, std::shared_ptr<TileWorkers> workers,
                const EmptyCells& empty = {});

/// The face morpher of fused() alone.
std::shared_ptr<StudentFaceMorpher> fused_face_morpher(const Character& character,
                                                       std::shared_ptr<TileWorkers> workers);

/// The instruction set that the kernels use on this machine, as Google Highway calls it, for example "AVX3".
std::string fused_student_target();

}  // namespace tha4
