#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/poser/character.h"

// Characters of random blendshapes.

namespace tha4 {

/// Every one of \p every tiles of a map has a basis.
TiledBlendshapeOptions map_of(int channels, int size, int tile_size, int basis_size, int every);

/// A body that moves by some pixels, of random weights.
/// \param motion  of a single tile; none: maps stay where they are
std::shared_ptr<StudentBodyRotator> random_body(
    const TiledBlendshapeOptions& flow, const TiledBlendshapeOptions& appearance, int every,
    const std::optional<TiledBlendshapeOptions>& motion = std::nullopt);

/// \param sizes  of regions: pixels, basis
std::shared_ptr<StudentFaceMorpher> random_face(const std::vector<std::pair<int, int>>& sizes);

/// A disc of stripes on nothing, with both of these.
Character blendshape_character(std::uint64_t seed = 3);

/// The same, whose maps move by tens of pixels.
Character moving_character(std::uint64_t seed = 3);

}  // namespace tha4
