#pragma once

#include <string>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// The tensors of \p state whose names begin with \p prefix, without it, sharing its memory.
StateDict part_of(const StateDict& state, const std::string& prefix);

/// Adds the tensors of \p part to \p state, \p prefix before their names, which must be new.
void add_part(StateDict& state, const std::string& prefix, const StateDict& part);

}  // namespace tha4
