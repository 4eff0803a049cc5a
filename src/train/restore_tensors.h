#pragma once

#include <string>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// Copies \p state into the tensors of the same names in \p own, converting types and devices; what else is
/// in it is left alone. Throws InputError naming \p source where one is missing or of another shape, and
/// nothing is copied then.
void restore_tensors(const StateDict& own, const StateDict& state, const std::string& source);

}  // namespace tha4
