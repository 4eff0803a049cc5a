#pragma once

#include "tha4/nn/student/student_network.h"
#include "tha4/weights/packed_weights.h"

namespace tha4 {

/// How the tensors of a blendshape network are packed at no cost that is seen: each basis with a step such
/// that what is rounded off, times the weights of natural poses, is a 64th of a pixel of flow, or a
/// thousandth of the range of colours. \p network must be a blendshape face morpher.
Packings packings_of(StudentFaceMorpher& network);

/// Likewise, of a blendshape body rotator.
Packings packings_of(StudentBodyRotator& network);

}  // namespace tha4
