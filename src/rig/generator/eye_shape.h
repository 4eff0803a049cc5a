#pragma once

#include <span>
#include <string>
#include <vector>

#include "character_design.h"
#include "curve.h"
#include "face_side.h"
#include "kinds.h"

#include "tha4/rig/rig.h"

namespace tha4::generator {

/// The ways in which the lids can be moved; the names of the morphs are those of the pose parameters.
enum class LidState { rest, wink, happy_wink, surprised, relaxed, unimpressed, raised_lower_eyelid };

/// All but rest.
std::span<const LidState> lid_states();

/// "eye_wink_left" and so on.
std::string lid_morph(LidState state, Side side);

/// The edges of both lids, from the inner to the outer corner, in the layout of the left eye. Both have the
/// same number of points, points of one index the same x, and common ends; the upper one is nowhere below the
/// lower one.
struct Lids {
  Points upper;
  Points lower;
};

/// The opening of an eye in one drawing of a face.
struct EyeShape {
  glm::vec2 center{284, 137.5F};
  float width = 37.8F;
  float rise = 18.2F;        ///< of the upper lid above the corners
  float fall = 16;           ///< of the lower lid below the corners
  float inner_level = 0.5F;  ///< y of the corners about the centre
  float outer_level = -1;
  float upper_power = 3.2F;  ///< near the nose; 2: a parabola; more: a flat lid with round ends
  float lower_power = 3.4F;
  float peak = 1;            ///< below 1 the arc is highest near the nose, above 1 near the temple
  float wing_length = 6;     ///< of the lash beyond the outer corner
  float wing_degrees = -14;  ///< its direction; positive: downwards
  /// Of the line that the lids of a closed eye make, in fractions of `fall`: how far its ends lie below the
  /// corners, and how far its middle hangs below them, beside a pixel and a half.
  float closed_level = 0.2F;
  float closed_sag = 0.38F;
};

/// How lids are drawn, and with it how they close: who looks at a picture of an open eye can tell the one by
/// the other.
struct LidKind {
  std::string_view name;
  float closed_level = 0.2F;  ///< of EyeShape
  float closed_sag = 0.38F;
  float closed_lash = 0.66F;       ///< thickness of a closed eye's lash, as a fraction of the open one's
  float highlight_travel = 0.55F;  ///< as a fraction of the iris'
  bool has_fold = true;            ///< the line over the upper lid
  bool has_lower_line = true;
};

/// The kinds that FaceDesign::lid_kind names.
const Kinds<LidKind>& lid_kinds();

/// The kinds that FaceDesign::eye_shape names.
KindNames eye_shapes();

EyeShape eye_shape(const FaceDesign& face);

Lids lids(const EyeShape& shape, LidState state);

/// The upper lid and the lash's end beyond the outer corner.
Points lash_spine(const EyeShape& shape, LidState state);

/// The limits that keep the lids of one side from crossing, however the parameters are combined.
std::vector<MorphLimit> lid_limits(const EyeShape& shape, Side side);

}  // namespace tha4::generator
