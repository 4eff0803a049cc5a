#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tha4/engine/empty_cells.h"
#include "tha4/engine/tile_workers.h"
#include "tha4/image/region.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/character.h"
#include "tha4/poser/poser.h"

// Frames as applications show them: 8 bits a channel, without tensors on the way where that can be.

namespace tha4 {

/// How an 8-bit pixel holds its colour.
enum class AlphaKind {
  straight,      ///< as files do: the colour itself, black where it is transparent
  premultiplied  ///< each level of the straight colour times alpha / 255, rounded: as compositors want it
};

/// Paints frames of one character, one at a time.
class FramePainter {
 public:
  virtual ~FramePainter() = default;

  /// Paints the pixels of \p window of \p pose: R, G, B, A, sRGB, rows from the top without padding.
  /// \param pixels  room for width * height * 4 bytes of the window's region. Throws as Poser::pose() does.
  virtual void paint(const Pose& pose, const FrameWindow& window, AlphaKind alpha, std::uint8_t* pixels) = 0;
};

/// Paints by the fused kernels on the CPU, with \p workers, leaving out the cells \p empty. Where the body is
/// a blendshape, or both networks are SIRENs, the body's of levels, pixels go from the kernels straight to
/// the bytes; of SIRENs, a frame takes no memory: only the first one of a window does. Straight colours are
/// those that to_rgba_image() makes of the same engine's frames: of SIRENs to the bit, of blendshapes but for
/// one level where a colour lies between two.
std::unique_ptr<FramePainter> make_painter(const Character& character, std::shared_ptr<TileWorkers> workers,
                                           const EmptyCells& empty = {});

/// Paints what \p poser makes, by to_rgba_image().
std::unique_ptr<FramePainter> make_painter(std::shared_ptr<Poser> poser);

}  // namespace tha4
