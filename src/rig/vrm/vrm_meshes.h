#pragma once

#include <string>
#include <vector>

#include "gltf_scene.h"
#include "vrm_humanoid.h"
#include "vrm_materials.h"

#include "tha4/rig/rig.h"

namespace tha4 {

/// For each glTF mesh the names of its morph targets, unique in it; those without a name get one.
std::vector<std::vector<std::string>> morph_target_names(const GltfDocument& document);

/// The meshes of a document as they stand in \p scene, in metres, one for each primitive, bound to the bones
/// of \p skeleton, in the order in which their materials are to be drawn. Vertices that no triangle uses and
/// morph targets that move nothing are left out, and so are meshes that nobody but the character itself sees.
/// Sentences about what could not be taken over go to \p notes. Throws InputError for whatever is malformed
/// or too large.
std::vector<Mesh> read_vrm_meshes(const GltfDocument& document, const GltfScene& scene,
                                  const RigSkeleton& skeleton, const VrmDescription& vrm,
                                  const std::vector<std::vector<std::string>>& target_names,
                                  VrmMaterials& materials, std::vector<std::string>& notes);

}  // namespace tha4
