#pragma once

#include <ATen/core/Tensor.h>

#include "tha4/image/region.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/poser/character.h"
#include "tha4/poser/poser.h"

// Characters of untrained networks, and how well two posers agree on one.

namespace tha4 {

RgbaImage striped_picture();

/// A character whose body moves by a few pixels, as bodies do.
Character siren_character(const SirenBodyRotatorOptions& body, const SirenOptions& face = {},
                          BodyRotatorKind kind = BodyRotatorKind::siren);
Character vanilla_siren_character(const SirenOptions& body);

/// How close a poser's flow and alpha have to be to those of another, and whether its direct colours count
/// where they cannot be seen.
struct Closeness {
  double flow = 2e-3, alpha = 2e-2;
  bool sees_all_direct = true;
};

/// Of blendshapes, whose direct colours mean nothing where there is no alpha.
inline constexpr Closeness kOfBlendshapes{1e-3, 5e-3, false};

/// The decibels by which what \p poser makes of some poses differs from what \p reference makes, at least;
/// expects its flow and alpha to be close.
double min_agreement(Poser& poser, Poser& reference, int poses, const FrameWindow& window,
                     const Closeness& close = {});

}  // namespace tha4
