#pragma once

#include <memory>
#include <span>

#include "flow_extender.h"
#include "frame_resolver.h"
#include "reused_target.h"
#include "rig_programs.h"
#include "rig_scene.h"

#include "tha4/image/region.h"
#include "tha4/render/rig_renderer.h"

namespace tha4 {

/// A frame on the graphics device, until the next one is drawn.
struct DrawnFrame {
  const GlTarget* color;  ///< picture 0 (GL_RGBA32F)
  const GlTarget* flow;   ///< as FlowExtender makes it, if it was asked for
  const GlTarget* face;   ///< picture 0 (GL_RGBA32F), kFaceCrop, if it was asked for
  Region region;          ///< of color and flow, that was asked for
};

/// Draws frames of one rig at a time. Its context must be current whenever it is used, and when it is
/// destroyed.
class FrameDrawer {
 public:
  /// \p rig is sound (check_rig), and outlives the drawer or its replacement. Throws InputError where the
  /// driver does not take a texture of it.
  explicit FrameDrawer(const Rig& rig);

  /// Draws \p rig, of which the same holds and whose textures have the \p lights, from now on, as a new
  /// drawer would; programs and targets stay. Where it throws, the rig before is still drawn.
  void replace_rig(const Rig& rig, std::span<const TextureLight> lights);

  /// As RigRenderer::render().
  DrawnFrame draw(const Pose& pose, const FrameWindow& window, const FrameContents& contents);

 private:
  void upload(const Pose& pose, const FrameContents& contents);
  const GlTarget& draw_surfaces_at_rest();
  void draw_window(const FrameWindow& window, const GlTarget* surfaces_at_rest, bool at_rest,
                   const GlTarget& frame);

  const Rig* rig_;
  std::unique_ptr<RigScene> scene_;
  RigPrograms programs_;
  FrameResolver resolver_;
  FlowExtender flow_extender_;
  ReusedTarget samples_;
  ReusedTarget face_samples_;
  ReusedTarget surfaces_;
  ReusedTarget surfaces_at_rest_;
  ReusedTarget frame_;
  ReusedTarget color_;
  ReusedTarget face_;
};

}  // namespace tha4
