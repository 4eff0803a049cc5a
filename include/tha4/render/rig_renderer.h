#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tha4/image/region.h"
#include "tha4/render/rig.h"

namespace tha4 {

/// Whether the bones follow the pose, or only the morphs do: the expression alone.
enum class Skeleton { posed, at_rest };

/// A frame of a rig. Rows from the top, no padding.
struct RigFrame {
  int width = 0;
  int height = 0;
  std::vector<float> color;  ///< R, G, B, A for each pixel: linear light, premultiplied, in [0, 1]
};

/// Draws one rig with OpenGL, without a window, on a GPU or in software. A renderer is used by one thread at
/// a time; several of them work side by side.
class RigRenderer {
 public:
  /// Throws InputError where \p rig is not sound (check_rig), and Error, saying what to install, where there
  /// is no OpenGL driver.
  explicit RigRenderer(Rig rig);
  ~RigRenderer();
  RigRenderer(RigRenderer&&) noexcept;
  RigRenderer& operator=(RigRenderer&&) noexcept;

  const Rig& rig() const;

  /// What draws, as the OpenGL driver names it.
  const std::string& device_name() const;

  /// The part \p window of a frame of each of \p poses, antialiased. Throws InputError where the window does
  /// not lie within its frame.
  std::vector<RigFrame> render(std::span<const Pose> poses, const FrameWindow& window = {},
                               Skeleton skeleton = Skeleton::posed);

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// A frame as files hold it: 8 bits, straight alpha, sRGB.
RgbaImage to_rgba_image(const RigFrame& frame);

/// The whole frame of one pose, \p resolution pixels wide and high, to look at.
RgbaImage draw_rig(RigRenderer& renderer, const Pose& pose, int resolution = kImageSize);

}  // namespace tha4
