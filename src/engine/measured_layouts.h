#pragma once

#include <optional>

#include "map_convolution_layout.h"

// Which layout of which kernel a convolution goes by on GPUs on which that was measured:
// measured_layouts.json, which tests/engine/join_trials.py makes of what tests/engine/try_convolutions.cpp
// finds. Nothing is tried when a teacher is opened.

namespace tha4 {

/// The layout that was fastest for \p shape on an H200, or that of a shape which differs from it in the
/// number of pixels only, and by less than a factor of two. Nothing where none was found to be faster than
/// best_layout(), and on GPUs of other compute capabilities.
std::optional<MapConvolutionLayout> measured_layout(const MapConvolutionShape& shape,
                                                    const CudaLimits& limits);

}  // namespace tha4
