#pragma once

#include "parameter_table.h"
#include "vrm_extension.h"

#include "tha4/rig/rig.h"
#include "tha4/rig/vrm.h"

namespace tha4 {

/// Turns the eyes of \p rig, which is in pixels, by their bones where \p vrm says that these turn them: so
/// far that the irises go as far as \p table says. Where that cannot be measured, as where there is one eye
/// alone, the angles of \p vrm are taken. Bones that move nothing, or more of the face than eyes, are not
/// used.
void add_gaze_turns(const ParameterTable& table, const VrmDescription& vrm, Rig& rig, VrmReport& report);

/// Weakens the morphs that move the irises of \p rig farther than \p table says. Those that move them less
/// far stay as they are, since none is made to be moved beyond its end; so do those that the user's own table
/// names, with weights of their own.
void limit_gaze_morphs(const ParameterTable& table, Rig& rig);

}  // namespace tha4
