#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "character_design.h"
#include "curve.h"
#include "kinds.h"

namespace tha4::generator {

/// One way in which the mouth can be: its edges, and how far teeth and tongue show. All rows run from the
/// left of the picture to the right, have as many points, and points of one index the same x; from top to
/// bottom: upper, teeth, tongue, lower (teeth and tongue may overlap).
struct MouthForm {
  std::string morph;  ///< empty of the closed mouth
  Points upper;
  Points lower;
  Points teeth;   ///< lower edge of the upper teeth
  Points tongue;  ///< upper edge of the tongue
};

/// The kinds that FaceDesign::mouth_kind and FaceDesign::rest_mouth name.
KindNames mouth_kinds();
KindNames rest_mouths();

/// How large the open mouths of \p face are beside the usual ones: small mouths open less.
float mouth_opening(const FaceDesign& face);

/// The closed mouth of \p face about \p center: what the pose of zeros shows.
MouthForm closed_mouth(const FaceDesign& face, glm::vec2 center);

/// The open mouth that the rest image shows instead; none where it shows the closed one.
std::optional<MouthForm> pictured_mouth(const FaceDesign& face, glm::vec2 center);

/// The open mouths, in the order of the pose table, whose parameters their morphs are named after.
std::vector<MouthForm> open_mouths(const FaceDesign& face, glm::vec2 center);

/// A pose parameter that moves the corners of the mouth.
struct CornerMove {
  const char* morph;
  /// How far it moves a point at the fraction \p along of the mouth's width.
  glm::vec2 (*offset)(float along);
  bool moves_middle = false;  ///< and so the shade below it
};

/// All of them; "left" is the character's left.
std::span<const CornerMove> corner_moves();

}  // namespace tha4::generator
