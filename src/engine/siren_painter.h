#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "body_pixels.h"
#include "siren_player.h"

#include "tha4/engine/frame_painter.h"

namespace tha4 {

/// Whether SirenPainter can paint \p character.
bool is_painted_directly(const Character& character);

/// Paints a character of SIRENs on the CPU: each tile's pixels become bytes while they are in the processor's
/// first caches.
class SirenPainter final : public FramePainter {
 public:
  SirenPainter(const Character& character, std::shared_ptr<TileWorkers> workers, const EmptyCells& empty);

  void paint(const Pose& pose, const FrameWindow& window, AlphaKind alpha, std::uint8_t* pixels) override;

 private:
  /// Draws the face crop into the image.
  void paste_face(const Pose& pose);

  std::shared_ptr<TileWorkers> workers_;
  SirenPlayer face_player_;
  SirenPlayer body_player_;
  PixelImage image_;  ///< the rest image, with the face of the pose that is painted
  std::mutex mutex_;
};

}  // namespace tha4
