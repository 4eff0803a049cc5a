#pragma once

#include <cstdint>

#include "tha4/engine/empty_cells.h"
#include "tha4/engine/tile_workers.h"
#include "tha4/poser/character.h"

// How fast a frame could be at best: the products that the fused kernels have to calculate, and how many of
// them this machine calculates.

namespace tha4 {

/// Products of 16-bit numbers that the fused kernels calculate for a frame of 512x512 pixels without the
/// cells \p empty, those of tiles that are not full included; 0 of networks that are no SIRENs.
std::int64_t fused_products(const Character& character, const EmptyCells& empty = {});

/// Products that the kernels' inner loop calculates in a second on all of \p workers, on numbers that stay in
/// the processors' first caches: the best of a few measurements, a third of a second in all.
double products_per_second(TileWorkers& workers);

}  // namespace tha4
