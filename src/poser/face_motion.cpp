#include "tha4/poser/face_motion.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <torch/types.h>

#include "tha4/image/region.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

/// Of values in [0, 1]: what a network changes by rounding alone is below a hundredth, an eye's lid or a
/// mouth's inside above a tenth.
constexpr double kMinChange = 0.05;

/// The face crop, [4, 128, 128] on the CPU, with one parameter at 1, or at rest where none is named.
at::Tensor face_of(Poser& poser, std::string_view parameter = {}) {
  Pose pose{};
  if (!parameter.empty()) pose[static_cast<std::size_t>(pose_parameter_index(parameter))] = 1;
  return poser.face(to_tensor({&pose, 1}))[0].to(torch::kCPU, torch::kFloat32);
}

/// Pixels that a wink of either eye moves (good: from 94 on, mostly 500 and more), and opening the mouth
/// (good: from 393 on; a mouth outside of what the teacher redraws: up to 76).
constexpr int kMinEyePixels = 40;
constexpr int kMinMouthPixels = 100;

/// How far apart the eyes are, and how far above the mouth: between generated characters (56 and 53) and
/// drawn ones (39 to 50, and 36 to 37).
constexpr double kUsualEyeDistance = 52;
constexpr double kUsualEyesToMouth = 44;

MovedPixels moved_pixels(const at::Tensor& rest, const at::Tensor& moved) {
  constexpr double kHalfRange = 2;  // of [-1, 1]
  const at::Tensor places = torch::nonzero((moved - rest).abs().amax(0) > kHalfRange * kMinChange);
  MovedPixels result{.count = static_cast<int>(places.size(0))};
  if (result.count == 0) return result;
  const at::Tensor mean = places.to(torch::kFloat64).mean(0);
  result.x = kFaceCrop.x + mean[1].item<double>();
  result.y = kFaceCrop.y + mean[0].item<double>();
  return result;
}

}  // namespace

FaceMotion measure_face_motion(Poser& poser) {
  const at::Tensor rest = face_of(poser);
  return {.left_eye = moved_pixels(rest, face_of(poser, "eye_wink_left")),
          .right_eye = moved_pixels(rest, face_of(poser, "eye_wink_right")),
          .mouth = moved_pixels(rest, face_of(poser, "mouth_aaa"))};
}

bool has_still_eyes(const FaceMotion& motion) {
  return std::max(motion.left_eye.count, motion.right_eye.count) < kMinEyePixels;
}

bool has_still_mouth(const FaceMotion& motion) {
  return motion.mouth.count < kMinMouthPixels;
}

bool is_mixed_up(const FaceMotion& motion) {
  return std::min(motion.left_eye.count, motion.right_eye.count) >= kMinEyePixels &&
         !(motion.right_eye.x < motion.mouth.x && motion.mouth.x < motion.left_eye.x);
}

double eyes_to_mouth(const FaceMotion& motion) {
  const int count = motion.left_eye.count + motion.right_eye.count;
  const double eyes =
      (motion.left_eye.y * motion.left_eye.count + motion.right_eye.y * motion.right_eye.count) / count;
  return motion.mouth.y - eyes;
}

double head_size(const FaceMotion& motion) {
  if (std::min(motion.left_eye.count, motion.right_eye.count) == 0 || motion.mouth.count == 0) return 0;
  const double apart = motion.left_eye.x - motion.right_eye.x;
  const double above = eyes_to_mouth(motion);
  const bool is_between = motion.right_eye.x < motion.mouth.x && motion.mouth.x < motion.left_eye.x;
  if (!is_between || above <= 0) return 0;
  // The mouth of a head that is too large is beyond what a teacher redraws; its eyes are not.
  return std::max(apart / kUsualEyeDistance,
                  std::sqrt(apart / kUsualEyeDistance * above / kUsualEyesToMouth));
}

}  // namespace tha4
