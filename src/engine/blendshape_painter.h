#pragma once

#include <memory>
#include <mutex>

#include "blend_body.h"

#include "tha4/engine/frame_painter.h"

namespace tha4 {

/// Paints a character with a blendshape body and a face of any kind on the CPU: pixels go from the kernels
/// straight to the bytes. Colours are those of to_rgba_image(), but for one level where one lies between two.
class BlendshapePainter final : public FramePainter {
 public:
  /// What \p character has is not kept.
  BlendshapePainter(const Character& character, std::shared_ptr<TileWorkers> workers);

  void paint(const Pose& pose, const FrameWindow& window, AlphaKind alpha, std::uint8_t* pixels) override;

 private:
  std::shared_ptr<TileWorkers> workers_;
  std::shared_ptr<StudentFaceMorpher> face_;
  BlendBody body_;
  FixedImage image_;  ///< the rest image, with the face of the pose that is painted
  std::mutex mutex_;
};

}  // namespace tha4
