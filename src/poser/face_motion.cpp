#include "tha4/poser/face_motion.h"

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

}  // namespace tha4
