#pragma once

#include <span>
#include <string>
#include <vector>

#include "character_design.h"
#include "curve.h"

namespace tha4 {

/// One way in which the mouth can be: its edges, and how far teeth and tongue show. All rows run from the
/// left of the picture to the right, have as many points, and points of one index the same x; from top to
/// bottom: upper, teeth, tongue, lower (teeth and tongue may overlap).
struct MouthForm {
  std::string morph;  ///< the pose parameter; empty at rest
  Points upper;
  Points lower;
  Points teeth;   ///< lower edge of the upper teeth
  Points tongue;  ///< upper edge of the tongue
};

/// The mouth of \p face at rest about \p center; most are closed.
MouthForm mouth_at_rest(const FaceDesign& face, glm::vec2 center);

/// The open mouths, in the order of the pose table.
std::vector<MouthForm> open_mouths(const FaceDesign& face, glm::vec2 center);

/// How the corners and the smirk move a point at the share \p along of the mouth's width; left is the
/// character's left.
glm::vec2 corner_offset(const std::string& morph, float along);

/// The morphs that corner_offset() knows.
std::span<const char* const> corner_morphs();

}  // namespace tha4
