#pragma once

#include "tha4/data/triple.h"
#include "tha4/image/region.h"

namespace tha4 {

/// What a network sees of a picture.
struct PictureView {
  Region region{0, 0, kImageSize, kImageSize};  ///< in pixels of the 512x512 picture, square
  bool halved = false;                          ///< whether the region is scaled to half its size

  /// Pixels a side.
  int size() const { return halved ? region.width / 2 : region.width; }

  friend bool operator==(const PictureView&, const PictureView&) = default;
};

/// \p view with up to \p margin more of the picture's pixels on each side, as many as there are on all.
PictureView with_margin(const PictureView& view, int margin);

/// The pictures of \p batch, 512x512 (where the region is all of a picture, of any even size), as \p view
/// shows them. Crops share memory.
TripleBatch seen(const TripleBatch& batch, const PictureView& view);

}  // namespace tha4
