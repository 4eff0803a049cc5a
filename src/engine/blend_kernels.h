#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "blend_program.h"
#include "feature_map.h"
#include "fixed_cells.h"
#include "fixed_image.h"
#include "tile_flags.h"

// The inner loops of blendshapes on CPUs, compiled for several instruction sets, of which the best is chosen
// when the program runs (Google Highway).

namespace tha4 {

/// The values of an MLP's hidden layers before the last layer.
/// \param pose    as many as there are scales of inputs
/// \param values  [2][width()], of which the first half is the result
void draw_hidden_layers(const BlendHiddenLayers& layers, const float* pose, float* values);

/// \param values   [layer.inputs]
/// \param results  [layer.outputs]
void draw_layer(const BlendLayer& layer, const float* values, float* results);

/// Some chunks of a sum, to \p sums, which begins with that of \p first_chunk.
/// \param pairs, step  of weigh_pairs()
void sum_bases(const BlendBasis& basis, std::span<const WeightedPair> pairs, float step, int first_chunk,
               int chunks, float* sums);

/// Converts \p count pixels of a row.
/// \param planes  the first channel's; each next one is \p plane further on
void write_fixed_pixels(const float* planes, std::ptrdiff_t plane, int count, std::int16_t* pixels);

/// Converts \p count cells of a row, whose channels are filled up to a multiple of FixedCells::kGroup by
/// zeros.
/// \param planes  as of write_fixed_pixels()
/// \param one     stands for 1
void write_fixed_cells(const float* planes, std::ptrdiff_t plane, int channels, int count, int one,
                       std::int16_t* cells);

/// A map, and where the pixels of the frame lie on it.
struct SampledMap {
  const FeatureMap* map = nullptr;
  const AxisSample* columns = nullptr;  ///< of all pixels of a row of the frame
  AxisSample row{};                     ///< of the row that is drawn
};

/// The motion at a row of pixels: between two rows, of the frame's columns.
struct MotionRow {
  const float* upper = nullptr;
  const float* lower = nullptr;
  std::ptrdiff_t axis = 0;  ///< from the x of a row to its y
  float fraction = 0;       ///< of the lower row
};

/// Maps that are sampled where a motion leads.
struct MovedMaps {
  MotionRow motion;
  const FixedCells* flow = nullptr;        ///< 2 channels; null: maps stay where they are
  const FixedCells* appearance = nullptr;  ///< 5 channels
  const TileFlags* zeros = nullptr;        ///< of the appearance
};

/// kTileLength pixels of a row of the frame.
struct BlendTask {
  int resolution = 0;
  int x = 0, y = 0;  ///< of the first pixel; x is a multiple of kTileLength
  const FixedImage* image = nullptr;
  SampledMap flow;        ///< 2 channels
  SampledMap appearance;  ///< 5 channels; map is null where all of them are 0
  MovedMaps moved;        ///< in the place of both where they move
};

/// What a body rotator gives at the pixels of a tile; colours are planes R, G, B, A.
struct BlendedTile {
  alignas(64) float flow[2][kTileLength];
  alignas(64) float alpha[kTileLength];
  alignas(64) float drawn[4][kTileLength];
  alignas(64) float warped[4][kTileLength];
  alignas(64) float blended[4][kTileLength];
  alignas(64) float direct[4][kTileLength];
};

/// Draws a tile, all of its members.
/// \param cells  scratch memory, as many as blend_scratch_size() says
void draw_blended_tile(const BlendTask& task, float* cells, BlendedTile& tile);

/// Draws a tile as 8-bit pixels, of which \p count from the one at \p offset on are written to \p pixels.
void draw_blended_pixels(const BlendTask& task, float* cells, int offset, int count, std::uint8_t* pixels);

/// For maps of \p size cells.
std::size_t blend_scratch_size(int size);

}  // namespace tha4
