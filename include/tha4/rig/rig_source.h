#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tha4/rig/rig.h"

namespace tha4 {

/// How the name of a generated character begins; its seed follows.
inline constexpr std::string_view kGeneratedRig = "procedural:";

/// Whether \p name is one that open_rig() takes: "procedural:SEED", or a path that ends in ".vrm".
bool names_rig(const std::string& name);

/// Makes or reads the rig that \p name stands for: the generated character of a seed, or a VRM file. For a
/// VRM file, vrm_parameter_file() is used where there is one, and the log says by whom the avatar is, under
/// which licence, and which pose parameters nothing moves. Throws InputError for other names, and as
/// import_vrm() does.
Rig open_rig(const std::string& name);

/// The file in which the user may say what moves the pose parameters of \p avatar, a VRM file:
/// avatar.parameters.json beside avatar.vrm, of the format of data/vrm/parameters.json, which it changes.
std::filesystem::path vrm_parameter_file(const std::filesystem::path& avatar);

}  // namespace tha4
