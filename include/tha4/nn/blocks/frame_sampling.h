#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/image/region.h"

// Sampling of feature maps and images at the pixels of a frame window. All maps follow the convention of
// align_corners=false: the map covers [-1, 1] in both directions, values sit at cell centres, and beyond the
// outermost centres the border value continues.

namespace tha4 {

/// Positions of the pixel centres of \p window, float32 [height, width, 2], x before y; the frame is [-1, 1].
at::Tensor pixel_centres(const FrameWindow& window, at::Device device);

/// The cells that bilinear sampling at the pixels of \p window touches of \p map_size by \p map_size cells.
FrameWindow sampled_cells(int map_size, const FrameWindow& window);

/// Bilinear samples at the pixels of \p window of a map of which only the cells \p cells are given.
/// \param map  [N, cells.region.height, cells.region.width, C]; must contain sampled_cells()
/// \return [N, window.region.height, window.region.width, C]
at::Tensor sample_map(const at::Tensor& map, const FrameWindow& cells, const FrameWindow& window);

/// Samples \p image through an appearance flow: at the pixel centres of \p window plus \p flow, bilinear,
/// border padding (docs/files.md, "Flow"). Without gradients places are computed in double precision: what
/// a float32 loses of them, up to 1e-4 pixels, is seen at a hard edge, or where a map of flow is sampled.
/// \param image  [N, C, H, W], the whole image, of any size
/// \param flow   [N, 2, h, w], the size of the window's region
/// \return [N, C, h, w]
at::Tensor warp(const at::Tensor& image, const at::Tensor& flow, const FrameWindow& window);

}  // namespace tha4
