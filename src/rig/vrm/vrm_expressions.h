#pragma once

#include <string>
#include <vector>

#include "parameter_table.h"
#include "vrm_extension.h"

#include "tha4/rig/rig.h"
#include "tha4/rig/vrm.h"

namespace tha4 {

/// Morphs that are called alike in several meshes are one morph, unless an expression of \p vrm moves some of
/// them and not all, or not all as far: then all but the first that one binds get names of their own.
void part_names_by_expressions(const VrmDescription& vrm,
                               std::vector<std::vector<std::string>>& target_names);

/// Fills in the morphs of \p rig's controls, and its limits, as \p table says, makes morphs of one side of
/// the face where only both together exist, and removes the morphs that nothing uses. \p rig is in pixels.
/// \p target_names: of each glTF mesh, to which the expressions refer.
void add_morph_controls(const ParameterTable& table, const VrmDescription& vrm,
                        const std::vector<std::vector<std::string>>& target_names, Rig& rig,
                        VrmReport& report);

/// Names the parameters of \p rig that move nothing that can be seen.
void report_missing_parameters(const Rig& rig, VrmReport& report);

}  // namespace tha4
