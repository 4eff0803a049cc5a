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

/// The decibels by which what \p poser makes of some poses differs from what \p reference makes, at least;
/// expects its flow and alpha to be close.
double min_agreement(Poser& poser, Poser& reference, int poses, const FrameWindow& window);

}  // namespace tha4
