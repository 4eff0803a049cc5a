#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "tha4/data/packed_triples.h"

namespace tha4 {

template <class Struct>
class Fields;

/// How triples are changed before a network learns from them, the picture before and the one after alike, so
/// that what was drawn in one manner stands for pictures drawn in many. A member that is 0 changes nothing;
/// all are the largest change to either side, of which each triple draws its own uniformly, unless they say
/// otherwise.
struct AugmentationSettings {
  double rest = 0;      ///< probability that nothing moves: the picture before stands for both, the pose is 0
  double mirror = 0;    ///< probability of mirroring the picture, and the pose with it
  double shift = 0;     ///< pixels of the 512x512 picture
  double scale = 0;     ///< 0.05: by 0.95 to 1.05
  double shrink = 0;    ///< 0.3: by 0.7 to 1 besides: faces of heads that are mostly hair
  double rotation = 0;  ///< degrees, in the plane of the picture
  double warp = 0;      ///< pixels by which smooth bumps move parts: other proportions, turned heads
  double hue = 0;       ///< degrees
  double saturation = 0;     ///< 0.3: by 0.7 to 1.3
  double brightness = 0;     ///< 0.3: by 0.7 to 1.3
  double contrast = 0;       ///< 0.3: by 0.7 to 1.3, about the middle grey
  double gamma = 0;          ///< 0.3: exponent of 1/1.3 to 1.3
  double sharpness = 0;      ///< 0.5: half of the details taken away, to half as much added
  double line_darkness = 0;  ///< fraction, from 0 on, of the darkest of the eight neighbours in each pixel
  double shading = 0;        ///< depth of a soft gradient of light over the picture
  double hard_rim = 0;       ///< probability of an alpha without soft edges
  double rim_color = 0;      ///< probability of dark, light or coloured rims where alpha is below 1
  double strands = 0;        ///< the most thin strands of any colour painted over it, each number as likely
  /// Of the picture before alone, which nobody can foresee in the other one: the coarsest rounding of a JPEG
  /// file, 1 as of quality 50. Half of the triples have none of it; likewise of grain.
  double jpeg = 0;
  double grain = 0;        ///< 0.05: up to a twentieth of the range of colours, more or less, in each pixel
  double probability = 1;  ///< that a triple is changed at all in its colours and edges

  bool any() const;
};

/// The members by their names; those that are left out are 0 (and `probability` 1).
const Fields<AugmentationSettings>& augmentation_fields();

/// How much larger than what is learnt from the kept picture must be on each side, in pixels of the 512x512
/// picture, for no border to be seen after shifting, scaling and rotating \p view.
int margin_of(const AugmentationSettings& settings, const PictureView& view);

/// Triples of the view \p kept as image tensors of the view \p wanted, which lies within it about the same
/// centre, changed as \p settings say by draws from \p seed, on the device of \p triples. Their motion, where
/// they have it, is that between the changed pictures; strands do not move with it.
TripleBatch augmented(const PackedTriples& triples, const PictureView& kept, const PictureView& wanted,
                      const AugmentationSettings& settings, std::uint64_t seed);

}  // namespace tha4
