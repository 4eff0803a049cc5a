#pragma once

#include <string>

#include "tha4/render/rig.h"

namespace tha4 {

/// Whether \p name is one that open_rig() takes: "procedural:SEED", or a path that ends in ".vrm".
bool names_rig(const std::string& name);

/// Makes or reads the rig that \p name stands for: the generated character of a seed, or a VRM file. Throws
/// InputError for other names, and as read_vrm() does.
Rig open_rig(const std::string& name);

}  // namespace tha4
