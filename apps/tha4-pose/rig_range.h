#pragma once

#include <string>
#include <vector>

namespace tha4::app {

/// The rigs "procedural:FIRST", ..., "procedural:LAST" that \p name, "procedural:FIRST..LAST", stands for;
/// none where it is no such range. Throws InputError where the numbers are no range of seeds, or too many.
std::vector<std::string> rigs_of_range(const std::string& name);

}  // namespace tha4::app
