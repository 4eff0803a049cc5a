#pragma once

#include <ATen/core/Tensor.h>

namespace tha4 {

// What files and scans do to a picture, on [N, C, S, S]. Nobody can foresee it in another picture, and nobody
// wants to see it there: only the picture before has it, so that networks learn to pass over it.

/// \p colors, sRGB in [0, 1] (C = 3), as a JPEG file of that quality has them: the blocks of 8x8 pixels of
/// luma and both chromas are turned into their frequencies and rounded to steps of the standard's tables,
/// without its halved chroma. What is left over of a side after whole blocks stays as it is.
/// \param coarseness  [N, 1, 1, 1]: the steps, in tables of quality 50; 0 leaves the picture as it is
at::Tensor with_jpeg_blocks(const at::Tensor& colors, const at::Tensor& coarseness);

/// \p colors with grain: to each pixel and colour something else between -amount and amount is added.
/// \param amount  [N, 1, 1, 1]
/// \param place   [N, 1, 1, 1], in [0, 1): whose grain it is
at::Tensor with_grain(const at::Tensor& colors, const at::Tensor& amount, const at::Tensor& place);

}  // namespace tha4
