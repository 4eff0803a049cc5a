#pragma once

#include <array>

#include "tha4/track/face_points.h"
#include "tha4/track/head_angles.h"

namespace tha4 {

/// A rotation of space, by rows; x to the right, y down, z away.
using Rotation = std::array<std::array<float, 3>, 3>;

using FaceVector = std::array<float, 3>;

inline constexpr Rotation kNoRotation = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

FaceVector turned(const Rotation& rotation, const FaceVector& vector);

/// The rotation that leads from the points of \p rest that no expression moves to those of \p face, best by
/// least squares, whatever the places and sizes of both.
Rotation head_rotation(const std::array<FacePoint, kFacePoints>& rest,
                       const std::array<FacePoint, kFacePoints>& face);

/// What a rotation is as angles.
HeadAngles head_angles(const Rotation& rotation);

/// How the head is turned from \p rest to \p face. Depths of the mesh turn less to the side than heads do,
/// and places in the picture go up and down less: the yaw comes of the places, pitch and roll of
/// head_rotation().
HeadAngles head_angles(const std::array<FacePoint, kFacePoints>& rest,
                       const std::array<FacePoint, kFacePoints>& face);

/// The rotation by \p angles: head_angles() undone.
Rotation rotation_of(const HeadAngles& angles);

}  // namespace tha4
