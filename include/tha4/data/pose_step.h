#pragma once

#include <string>
#include <string_view>

#include "tha4/pose/pose.h"
#include "tha4/rig/rig.h"

namespace tha4 {

/// What lies between the two pictures of a triple: all of a pose, or the step that one of a teacher's
/// networks takes. The pipeline applies the parameters of a pose in their order, eyebrows, eyes and mouth,
/// rotation, so that the picture before a step shows the parameters of all steps before it.
enum class PoseStep {
  whole,      ///< from rest to the whole pose: what a teacher is evaluated on
  eyebrows,   ///< from rest to the eyebrow parameters: eyebrow decomposer and combiner
  face,       ///< from there to all face parameters: face morpher
  body,       ///< from there to the whole pose: rotator and editor
  expression  ///< from rest to all face parameters at once: the U-Net face morpher
};

/// "whole", "eyebrows", "face", "body" or "expression"; parse_pose_step() throws InputError for other texts.
std::string_view pose_step_name(PoseStep step);
PoseStep parse_pose_step(std::string_view text);

/// The part of \p pose that the picture before the step shows, and that which the one after it shows.
Pose pose_before(PoseStep step, const Pose& pose);
Pose pose_after(PoseStep step, const Pose& pose);

/// Whether the pictures before the step, and those after it, still show what only the rest image does: an
/// open mouth goes with the step that poses mouths.
PictureMorphs picture_morphs_before(PoseStep step);
PictureMorphs picture_morphs_after(PoseStep step);

/// Whether the picture before the step is the rest image whatever the pose.
bool begins_at_rest(PoseStep step);

}  // namespace tha4
