#pragma once

#include <string>
#include <vector>

#include "gltf_document.h"
#include "gltf_scene.h"

namespace tha4 {

/// Turns the nodes of \p scene that follow others by VRMC_node_constraint (roll, aim and rotation), as
/// twisted upper arms follow arms that were lowered. \p rest: all nodes as the document has them. Constraints
/// that refer to what is not there, make no sense or go round in circles are passed over, which \p notes
/// tell.
void follow_constraints(const GltfDocument& document, const GltfScene& rest, GltfScene& scene,
                        std::vector<std::string>& notes);

}  // namespace tha4
