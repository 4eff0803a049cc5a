#pragma once

#include "face_measures.h"

#include "tha4/pose/pose.h"
#include "tha4/track/head_angles.h"
#include "tha4/track/pose_from_face.h"

namespace tha4 {

/// The pose of a face that is measured as \p now and, at rest, as \p rest, with its head turned by \p angles;
/// sides as in the camera's picture, not mirrored. Each value is within its range. Values of the body are
/// where it goes in the end.
Pose pose_of_measures(const FaceMeasures& now, const FaceMeasures& rest, const HeadAngles& angles,
                      const TrackingGains& gains);

}  // namespace tha4
