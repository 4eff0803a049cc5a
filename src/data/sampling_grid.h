#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/data/motion.h"

namespace tha4 {

/// Where the pixels of N changed pictures of H by W come from: a pixel at p, of [-1, 1] in the changed
/// picture, from L p + shift + bumps(p), of [-1, 1] in the one that is kept. L is side * cosine, -sine; side
/// * sine, cosine, and side 1, or -1 of a mirrored picture; cosine and sine are those of a turn times a
/// scale.
struct SamplingGrid {
  at::Tensor places;  ///< [N, H, W, 2], x before y: where p comes from
  at::Tensor cosine;  ///< [N, 1, 1, 1]
  at::Tensor sine;    ///< [N, 1, 1, 1]
  at::Tensor side;    ///< [N, 1, 1, 1]
  at::Tensor bumps;   ///< [N, 2, H, W]; undefined where there are none
};

/// The motion between pictures that are both changed by \p grid, which moved by \p kept. A pixel comes from
/// where the surface that it shows was; where bumps bend the picture, that place is found step by step, to a
/// small part of a pixel. What the changed picture before does not reach is hidden.
/// \param kept  of what the grid's places lie in
Motion moved(const Motion& kept, const SamplingGrid& grid);

}  // namespace tha4
