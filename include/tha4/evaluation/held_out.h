#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include "tha4/base/context.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Both PSNRs of images (see metrics/psnr.h), in dB.
struct PsnrPair {
  double network = 0;
  double seen = 0;
};

/// Means over the held-out poses of each image's PSNRs (see mean_score()). "face" is the face crop alone,
/// before rotation; "rest" is the rest image that does not move, for comparison.
struct HeldOutScore {
  int poses = 0;
  PsnrPair student;
  PsnrPair rest;
  PsnrPair face;
  PsnrPair rest_face;
  int body_poses = 0;  ///< the first ones, of which `body` is
  PsnrPair body{};     ///< frames of the student's body rotator alone, which is given the teacher's face
};

/// What teacher and student make of the rest pose, which the picture itself shows: the teacher's own faults,
/// and those that the student adds. Infinite where there is none.
struct RestPoseScore {
  PsnrPair teacher_of_picture;
  PsnrPair student_of_teacher;
  PsnrPair student_of_picture;
};

/// What teacher and student make of one pose: image tensors [4, 512, 512] on the CPU.
struct HeldOutFrame {
  at::Tensor teacher;
  at::Tensor student;
  Pose pose{};
  double network_psnr = 0;
};

/// What comparing a student with its teacher gave.
struct HeldOutResult {
  HeldOutScore score;
  RestPoseScore at_rest;
  std::vector<HeldOutFrame> frames;  ///< of the first few poses
  std::vector<HeldOutFrame> worst;   ///< of those with the lowest network PSNR, the worst one first
  HeldOutFrame rest;                 ///< of the rest pose
};

/// What a body rotator makes, blended, of \p poses with the face crops \p faces, both on the teacher's
/// device.
using BodyAlone = std::function<at::Tensor(const at::Tensor& poses, const at::Tensor& faces)>;

/// With which poses they are compared.
struct HeldOutPoses {
  int count = 1;
  std::uint64_t seed = 0;
  int shown = 0;           ///< of the first frames that are kept
  int worst = 0;           ///< of the worst ones
  BodyAlone body_alone{};  ///< of the student; empty: its body is not scored apart
  int body_poses = 64;     ///< most poses that it is scored with, since it draws each frame twice
};

/// Compares \p student with \p teacher on natural poses that training has not seen (paper section 5.3), with
/// progress, and at rest. Throws InterruptedError where \p context asks for a stop.
HeldOutResult score_on_held_out_poses(Poser& teacher, Poser& student, const HeldOutPoses& poses,
                                      const Context& context = {});

/// The first \p count of those poses: float [count, 45].
at::Tensor draw_held_out_poses(int count, std::uint64_t seed);

/// As report.json has it: "network" and "srgb_on_white" of each.
nlohmann::json to_json(const HeldOutScore& score);

/// Likewise; what is infinite is "inf".
nlohmann::json to_json(const RestPoseScore& score);

}  // namespace tha4
