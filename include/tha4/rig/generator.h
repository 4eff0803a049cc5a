#pragma once

#include <cstdint>
#include <string>

#include "tha4/rig/rig.h"

namespace tha4 {

/// Invents a character: the same rig for the same \p seed, everywhere. It is drawn art on shallow curved
/// sheets with depth between them: parts are painted as vector graphics at twice the size of the frame and
/// hung on the bones "hips", "chest", "neck" and "head". All 45 pose parameters act as their names say.
Rig generate_rig(std::uint64_t seed);

/// Tells generators whose characters differ: the same text makes the same rigs of the same seeds. It is made
/// of a number that is raised whenever the painting changes, and of what data/generator/choices.json holds.
std::string generator_version();

}  // namespace tha4
