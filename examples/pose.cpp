// From a character to a picture of it that winks: pose CHARACTER PICTURE.png
//
// CHARACTER is a character folder, an avatar.vrm, or procedural:SEED, a character that the project invents.

#include <iostream>

#include <tha4/image/color.h>
#include <tha4/image/image_io.h>
#include <tha4/opening/open_poser.h>
#include <tha4/poser/pose_batch.h>

int main(int argc, char** argv) try {
  if (argc != 3) throw tha4::InputError("usage: pose CHARACTER PICTURE.png");
  const auto character = tha4::open_poser({.name = argv[1]});
  tha4::Pose pose{};  // 45 values by name, tha4/pose/pose.h; all zeros is the picture at rest
  pose[tha4::pose_parameter_index("eye_wink_left")] = 1;
  pose[tha4::pose_parameter_index("head_y")] = 0.5F;
  const auto frames = character->pose(tha4::to_tensor({&pose, 1}));  // as many poses at a time as you like
  tha4::write_image(argv[2], tha4::to_rgba_image(frames.blended[0]));
} catch (const std::exception& error) {
  std::cerr << "pose: error: " << error.what() << '\n';
  return 1;
}
