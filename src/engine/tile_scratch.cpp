#include "tile_scratch.h"

#include <algorithm>

#include "feature_map.h"

namespace tha4 {

TileScratch::TileScratch(const SirenProgram& program) {
  int outputs = 0, cells = 0;
  for (const SirenProgramLevel& level : program.levels) {
    outputs = std::max(outputs, level.first.outputs + 1);
    for (const FixedPointLayer& layer : level.sine_layers)
      outputs = std::max(outputs, layer.padded_outputs());
    cells = std::max(cells, level.size);
  }
  for (auto& sines : sines_) {
    sines = hwy::AllocateAligned<std::int16_t>(static_cast<std::size_t>(outputs * kTileLength));
    std::fill_n(sines.get(), outputs * kTileLength, std::int16_t{0});
  }
  cells_.resize(static_cast<std::size_t>(cells + 2 * kTileLength + 4 * FeatureMap::kMargin));
}

}  // namespace tha4
