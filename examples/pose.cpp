// From the character in the folder "me" to a picture of it that winks. README.md shows this file.

#include <tha4/image/color.h>
#include <tha4/image/image_io.h>
#include <tha4/opening/open_poser.h>
#include <tha4/poser/pose_batch.h>

int main() {
  const auto me = tha4::open_poser({.name = "me"});  // a character's folder, an avatar.vrm, or procedural:7
  tha4::Pose pose{};                                 // 45 values by name; all zeros is the picture at rest
  pose[tha4::pose_parameter_index("eye_wink_left")] = 1;
  tha4::write_image("wink.png", tha4::to_rgba_image(me->pose(tha4::to_tensor({&pose, 1})).blended[0]));
}
