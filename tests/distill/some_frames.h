#pragma once

#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"

namespace tha4 {

/// Frames in which something is drawn between the pixels 100 and 300, and within them between 150 and 220.
inline TeacherFrames some_frames() {
  TeacherFrames frames;
  frames.blended = torch::full({3, 4, kImageSize, kImageSize}, -1.0);
  frames.blended.narrow(2, 100, 200).narrow(3, 150, 70).copy_(torch::rand({3, 4, 200, 70}) * 2 - 1);
  frames.faces = torch::rand({3, 4, kFaceCrop.height, kFaceCrop.width}) * 2 - 1;
  frames.blended = frames.blended.to(torch::kHalf);
  frames.faces = frames.faces.to(torch::kHalf);
  return frames;
}

}  // namespace tha4
