#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tha4/engine/tile_workers.h"
#include "tha4/image/region.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/character.h"

namespace tha4 {

/// Draws a character's frames straight to 8 bits, without the planes of floats that a poser gives: for those
/// who show frames, one after the other. A frame is what to_rgba_image() makes of StudentPoser's `blended`
/// with the same kernels, but for one level where a colour lies between two.
class PictureDrawer {
 public:
  virtual ~PictureDrawer() = default;

  /// Draws \p pose at the pixels of \p window: rows of R, G, B, A, 8 bits each, sRGB, straight alpha
  /// (RgbaImage). A pixel has the same value in every window. Throws InputError when \p window does not lie
  /// within its frame. Calls from several threads are done one after the other. \param pixels  where the
  /// window's first pixel goes  \param stride  bytes from a row to the next one, at least 4 *
  /// window.region.width
  virtual void draw(const Pose& pose, const FrameWindow& window, std::uint8_t* pixels,
                    std::size_t stride) = 0;
};

/// A drawer of \p character by kernels on the CPU; none where its body rotator is no blendshape: then a poser
/// and to_rgba_image() do it. Its face morpher may be of any kind. What \p character has is not kept.
/// \param workers  that evaluate tiles
std::unique_ptr<PictureDrawer> make_picture_drawer(const Character& character,
                                                   std::shared_ptr<TileWorkers> workers);

}  // namespace tha4
