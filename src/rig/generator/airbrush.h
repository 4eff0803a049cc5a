#pragma once

#include <span>

#include "canvas.h"
#include "character_design.h"
#include <glm/vec2.hpp>

namespace tha4::generator {

/// A soft stroke of light or shade: an ellipse that fades out towards its edge.
struct SoftSpot {
  glm::vec2 center;
  glm::vec2 radii;
  float amount;  ///< below 0 shade, above 0 light; 1 in size: as much as the character's painting has
};

/// What painted shade multiplies skin by: that of the painting, but warm enough to look alive.
Color skin_shade_factor(const CharacterDesign& design);

/// Lays the painting of \p design over all that is on \p canvas: what is round is shaded as such, away from
/// the light; the whole darkens to the side away from it; blotches; and \p spots. Nothing happens to a
/// character that is drawn flat. \p part names the sheet, whose blotches are its own; \p shade multiplies
/// what lies in the shade.
void airbrush(Canvas& canvas, const CharacterDesign& design, const char* part,
              std::span<const SoftSpot> spots, const Color& shade);
/// The same with the shade of the painting.
void airbrush(Canvas& canvas, const CharacterDesign& design, const char* part,
              std::span<const SoftSpot> spots = {});

/// airbrush() of the parts that have spots: the face's skin, hair on the head, the body and its clothes.
void airbrush_face(Canvas& canvas, const CharacterDesign& design);
void airbrush_front_hair(Canvas& canvas, const CharacterDesign& design);
void airbrush_body(Canvas& canvas, const CharacterDesign& design, const char* part, const Color& shade);

}  // namespace tha4::generator
