#pragma once

#include <cstddef>

#include "rig/hand_made_rig.h"
#include <gtest/gtest.h>

#include "tha4/render/rig_renderer.h"

// Single frames of a rig, and their pixels.

namespace tha4::test {

inline constexpr float kFlowPerPixel = 2.0F / kImageSize;

inline RigFrame render(RigRenderer& renderer, const Pose& pose, const FrameWindow& window = {},
                       const FrameContents& contents = {}) {
  return renderer.render({&pose, 1}, window, contents).front();
}

inline RigFrame render_with_flow(RigRenderer& renderer, const Pose& pose, const FrameWindow& window = {}) {
  FrameContents contents;
  contents.flow = true;
  return render(renderer, pose, window, contents);
}

inline std::size_t at(const RigFrame& frame, int x, int y) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.width) + static_cast<std::size_t>(x);
}

inline glm::vec4 color(const RigFrame& frame, int x, int y) {
  const float* const pixel = &frame.color[4 * at(frame, x, y)];
  return {pixel[0], pixel[1], pixel[2], pixel[3]};
}

/// The flow in pixels of the rest image.
inline glm::vec2 flow(const RigFrame& frame, int x, int y) {
  const float* const pixel = &frame.flow[2 * at(frame, x, y)];
  return glm::vec2(pixel[0], pixel[1]) / kFlowPerPixel;
}

inline void expect_color(const RigFrame& frame, int x, int y, const glm::vec4& expected,
                         float tolerance = 1e-3F) {
  const glm::vec4 found = color(frame, x, y);
  for (int c = 0; c < 4; ++c) {
    EXPECT_NEAR(found[c], expected[c], tolerance) << "channel " << c << " at " << x << ", " << y;
  }
}

inline Rig one_sheet(const glm::vec3& centre, float size, const glm::vec4& srgb) {
  Rig rig;
  rig.bones = {{"hips", -1, {256, 400, 0}}};
  add_sheet(rig, "sheet", centre, size, add_material(rig, srgb), 0, 0);
  return rig;
}

}  // namespace tha4::test
