#include "tha4/render/rig_renderer.h"

#include "render/hand_made_rig.h"
#include <gtest/gtest.h>

#include "tha4/image/image_io.h"

namespace tha4::test {
namespace {

TEST(RigRenderer, DrawsSheetsOverOneAnother) {
  RigRenderer renderer(hand_made_rig());
  const RgbaImage image = draw_rig(renderer, Pose{}, 512);
  if (const char* file = std::getenv("THA4_LOOK"))
    write_image(file, draw_rig(renderer, pose_of("neck_z", 1), 512));
  const auto pixel = [&](int x, int y) { return &image.pixels[(static_cast<std::size_t>(y) * 512 + x) * 4]; };
  EXPECT_EQ(pixel(20, 20)[3], 0);
  EXPECT_EQ(pixel(180, 300)[3], 255);
  EXPECT_EQ(pixel(180, 300)[0], 255);
  EXPECT_EQ(pixel(180, 300)[1], 64);
  EXPECT_NEAR(pixel(256, 144)[0], 120, 3);
}

}  // namespace
}  // namespace tha4::test
