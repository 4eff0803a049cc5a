#pragma once

#include <span>
#include <string>

#include <ATen/core/Tensor.h>

#include "tha4/data/motion.h"
#include "tha4/image/rgba_image.h"
#include "tha4/pose/pose.h"

namespace tha4 {

/// One example to learn posing from: a character at rest, a pose, and the character in that pose; or the
/// pictures before and after one step of posing (see PoseStep).
struct Triple {
  std::string key;        ///< unique in its dataset
  std::string character;  ///< id of the character
  Pose pose{};
  RgbaImage rest;             ///< 512x512
  RgbaImage posed;            ///< 512x512
  PictureMotion motion = {};  ///< from `rest` to `posed`; empty unless the source was asked for it
};

/// Triples as networks take them, on the CPU.
struct TripleBatch {
  at::Tensor rest;     ///< image tensors, float [N, 4, 512, 512]
  at::Tensor posed;    ///< image tensors, float [N, 4, 512, 512]
  at::Tensor poses;    ///< float [N, 45]
  Motion motion = {};  ///< from `rest` to `posed`, where the triples have it
};

/// Throws Error where there is no triple or the images of a triple are not 512x512.
TripleBatch to_batch(std::span<const Triple> triples);

}  // namespace tha4
