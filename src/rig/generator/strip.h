#pragma once

#include <functional>
#include <string>
#include <vector>

#include "canvas.h"
#include "curve.h"
#include "face_side.h"
#include "sheet.h"

namespace tha4::generator {

/// Where a strip lies in one state of the face.
struct StripForm {
  std::string morph;  ///< that takes it there; empty for the state at rest
  Points spine;       ///< as many points as at rest
  float lift = 1;     ///< factor of the distances from the spine; negative ones turn the strip over
};

/// A ribbon of paint along a curve, such as a lash or a lip line: it bends with the curve and keeps its
/// thickness, however the curve is moved.
struct Strip {
  SheetPlace place;
  Points spine;     ///< at rest
  float above = 2;  ///< what the ribbon covers on both sides of the spine; "above" for a spine that runs to
  float below = 2;  ///< the right
  std::vector<StripForm> forms;
  Side side = Side::left;  ///< Side::right: everything is mirrored
};

/// Adds \p strip, painted by \p paint on a straight canvas: x along the spine from 0 to the length that is
/// given, y = 0 on the spine and negative above it. Returns the mesh's index.
int add_strip(RigBuilder& builder, const Strip& strip,
              const std::function<void(Canvas&, float length)>& paint);

/// An area between two curves with as many points each, of one colour; it may be empty at rest and opened by
/// morphs.
struct BandForm {
  std::string morph;
  Points upper;
  Points lower;
};

struct Band {
  SheetPlace place;
  Points upper;
  Points lower;
  std::vector<BandForm> forms;
};

/// Adds \p band, painted by \p paint on a canvas of 32 x 32 that is stretched over it: x along the curves,
/// y = 0 at the upper one.
int add_band(RigBuilder& builder, const Band& band, const std::function<void(Canvas&)>& paint);

}  // namespace tha4::generator
