#pragma once

#include <vector>

namespace tha4 {

/// Fills the unknown pixels of a flow smoothly from the known ones around, near ones counting most; 0 if none
/// is known.
/// \param flow      x, y for each of width * height pixels
/// \param is_known  1 or 0 for each pixel
void extend_flow(std::vector<float>& flow, const std::vector<float>& is_known, int width, int height);

}  // namespace tha4
