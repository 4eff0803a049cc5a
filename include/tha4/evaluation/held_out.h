#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include "tha4/base/context.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Means over the held-out poses of each image's PSNR, in dB: as the networks see images, and as a viewer
/// does (see metrics/psnr.h). "face" is the face crop alone, before rotation.
struct HeldOutScore {
  int poses = 0;
  double student_network = 0;
  double student_viewer = 0;
  double rest_network = 0;  ///< of the rest image that does not move, for comparison
  double rest_viewer = 0;
  double face_network = 0;
  double face_viewer = 0;
  double rest_face_network = 0;
  double rest_face_viewer = 0;
};

/// What teacher and student make of one held-out pose: image tensors [4, 512, 512].
struct HeldOutFrame {
  at::Tensor teacher;
  at::Tensor student;
};

/// What comparing a student with its teacher gave.
struct HeldOutResult {
  HeldOutScore score;
  std::vector<HeldOutFrame> frames;  ///< of the first few poses
};

/// Compares \p student with \p teacher on natural poses that training has not seen (paper section 5.3), with
/// progress. \p shown frames are kept. Throws InterruptedError where \p context asks for a stop.
HeldOutResult score_on_held_out_poses(Poser& teacher, Poser& student, int poses, std::uint64_t seed,
                                      int shown, const Context& context = {});

nlohmann::json to_json(const HeldOutScore& score);

}  // namespace tha4
