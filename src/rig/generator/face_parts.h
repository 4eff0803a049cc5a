#pragma once

#include "canvas.h"
#include "character_design.h"
#include "eye_shape.h"
#include "face_side.h"
#include "kinds.h"
#include "rig_builder.h"
#include "sheet.h"

// The parts of a face, each in a file of its own.

namespace tha4::generator {

/// What all parts of one face share.
struct FaceLayout {
  Points outline;  ///< of the head, from the crown clockwise
  EyeShape eye;    ///< of the left side; the right one is mirrored
  glm::vec2 mouth{256, 178};
  float chin = 196;  ///< y
};

FaceLayout face_layout(const FaceDesign& face);

/// A sheet that follows the head, \p lift pixels in front of its surface.
SheetPlace on_head(const std::string& name, int layer, float lift);

/// The skin, with holes for the eyes; its edge has a line around the jaw.
void add_skin(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout);
void add_ears(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout);
/// Blush and marks.
void add_cheeks(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout);
void add_nose(RigBuilder& builder, const CharacterDesign& design);

/// The whites, the irises on them, the upper lids' shadow and the highlights.
void add_eyeballs(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout);
/// Lashes and creases, which follow the lids.
void add_eyelids(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout);
void add_brows(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout);
void add_mouth(RigBuilder& builder, const CharacterDesign& design, const FaceLayout& layout);

// The kinds that the members of FaceDesign name; those of the eyes' shapes are in eye_shape.h, those of
// mouths in mouth_shape.h.
KindNames face_shapes();
KindNames iris_patterns();
KindNames highlights();
KindNames eye_whites();
KindNames brow_shapes();
KindNames blush_kinds();
KindNames mouth_insides();
KindNames noses();
KindNames face_marks();

/// Paints one iris that fills the canvas.
void paint_iris(Canvas& canvas, const CharacterDesign& design, const FaceDesign::Iris& colors);

}  // namespace tha4::generator
