#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tha4/image/region.h"
#include "tha4/rig/rig.h"

namespace tha4 {

/// Whether the bones follow the pose, or only the morphs do: the expression alone.
enum class Skeleton { posed, at_rest };

/// What is drawn besides the colours of a frame.
struct FrameContents {
  bool flow = false;  ///< also `hidden`; a region then costs as much as the whole frame
  bool face = false;
  Skeleton skeleton = Skeleton::posed;
  PictureMorphs picture = PictureMorphs::gone;
};

/// The contents of a frame of the pose of zeros that make it the rest image.
inline constexpr FrameContents kRestImageContents{.picture = PictureMorphs::shown};

/// A frame of a rig. Rows from the top, no padding.
struct RigFrame {
  int width = 0;
  int height = 0;
  std::vector<float> color;  ///< R, G, B, A for each pixel: linear light, premultiplied, in [0, 1]
  /// x, y for each pixel: the appearance flow (docs/files.md, "Flow") to the frame of the same expression
  /// with the skeleton at rest. Where the pixel shows no surface, or none of half opacity, the flow around
  /// continues smoothly.
  std::vector<float> flow;
  /// 1 for each pixel whose surface the frame of the expression at rest does not show, else 0; 0 where the
  /// pixel shows no surface.
  std::vector<std::uint8_t> hidden;
  std::vector<float> face;  ///< kFaceCrop of the 512x512 frame of the expression at rest, as `color`
};

/// No GPU in particular: the first that OpenGL finds.
inline constexpr int kAnyGpu = -1;

/// Draws a rig with OpenGL, without a window, on a GPU or in software. A renderer is used by one thread at a
/// time; several of them work side by side, in software one frame after the other.
class RigRenderer {
 public:
  /// \p cuda_device: the GPU that draws, by its number in CUDA (N of "cuda:N"); where OpenGL does not draw on
  /// it, the first that OpenGL finds. Throws InputError where \p rig is not sound (check_rig), and Error,
  /// saying what to install, where there is no OpenGL driver.
  explicit RigRenderer(Rig rig, int cuda_device = kAnyGpu);
  ~RigRenderer();
  RigRenderer(RigRenderer&&) noexcept;
  RigRenderer& operator=(RigRenderer&&) noexcept;

  /// Draws \p rig from now on, exactly as a new renderer would, without the cost of one: the context, its
  /// programs and its targets stay, and only textures and meshes are made anew. What rig() gave ends. Throws
  /// InputError where \p rig is not sound, and still draws the rig before then.
  void replace_rig(Rig rig);

  const Rig& rig() const;

  /// What draws, as the OpenGL driver names it.
  const std::string& device_name() const;

  /// The part \p window of a frame of each of \p poses, antialiased. Throws InputError where the window does
  /// not lie within its frame.
  std::vector<RigFrame> render(std::span<const Pose> poses, const FrameWindow& window = {},
                               const FrameContents& contents = {});

  /// The same of one pose, in the memory of \p frame.
  void render(const Pose& pose, const FrameWindow& window, const FrameContents& contents, RigFrame& frame);

  /// Gives \p use the whole frame of each pose in turn, which it has until it returns. Quicker than as many
  /// calls: while \p use works, other threads' renderers draw, on a GPU many frames of one before those of
  /// another, and frames are drawn while those before are still on their way to memory.
  void render_each(std::span<const Pose> poses, const std::function<void(const RigFrame&)>& use,
                   const FrameContents& contents = {});

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

/// A frame as files hold it: 8 bits, straight alpha, sRGB.
RgbaImage to_rgba_image(const RigFrame& frame);

/// The rest image of the rig that \p renderer draws.
RgbaImage draw_rest_image(RigRenderer& renderer);

/// The whole frame of one pose, \p resolution pixels wide and high, to look at. Throws InputError where that
/// is less than 1, and Error where the driver cannot draw pictures of that size.
RgbaImage draw_rig(RigRenderer& renderer, const Pose& pose, int resolution = kImageSize);

}  // namespace tha4
