#pragma once

#include <memory>

#include "tha4/engine/tile_workers.h"
#include "tha4/nn/student/student_network.h"

namespace tha4 {

/// \p network, a blendshape face morpher, as kernels on the CPU. It is not kept.
std::shared_ptr<StudentFaceMorpher> fused_blendshape_face(StudentFaceMorpher& network,
                                                          std::shared_ptr<TileWorkers> workers);

/// Likewise, of a blendshape body rotator.
std::shared_ptr<StudentBodyRotator> fused_blendshape_body(StudentBodyRotator& network,
                                                          std::shared_ptr<TileWorkers> workers);

}  // namespace tha4
