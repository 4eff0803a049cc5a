#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <nlohmann/json.hpp>

#include "tha4/base/context.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Both PSNRs of images (see metrics/psnr.h), in dB.
struct PsnrPair {
  double network = 0;
  double seen = 0;
};

/// Means over the held-out poses of each image's PSNRs. "face" is the face crop alone, before rotation;
/// "rest" is the rest image that does not move, for comparison.
struct HeldOutScore {
  int poses = 0;
  PsnrPair student;
  PsnrPair rest;
  PsnrPair face;
  PsnrPair rest_face;
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

/// As report.json has it: "network" and "srgb_on_white" of each.
nlohmann::json to_json(const HeldOutScore& score);

}  // namespace tha4
