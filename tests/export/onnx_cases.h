#pragma once

#include <filesystem>

#include "tha4/nn/teacher/teacher.h"
#include "tha4/poser/character.h"

// Networks of random weights, small and calm: flows of some pixels, as those of trained ones are.

namespace tha4 {

/// A picture of soft waves, so that a rounded flow makes no visible difference, whose alpha fades out.
RgbaImage soft_picture();

std::shared_ptr<StudentFaceMorpher> small_face(FaceMorpherKind kind);
std::shared_ptr<StudentBodyRotator> small_body(BodyRotatorKind kind);
Character small_character(FaceMorpherKind face, BodyRotatorKind body);
/// With a blendshape body whose maps move by tens of pixels.
Character moving_character();

/// The same, but with hard edges two pixels apart, and a flow that differs from cell to cell: what a float32
/// loses of a place, up to 1e-4 pixels, is seen here.
Character hard_edged_character();

/// With a body whose sines have arguments as large as trained ones', and the same edges: what float32 sums
/// lose of its flow is seen here.
Character hard_edged_siren_character();

Teacher small_teacher(Architecture architecture);

/// Writes its networks to their official files in \p folder.
void write_teacher_files(const Teacher& teacher, const std::filesystem::path& folder);

}  // namespace tha4
