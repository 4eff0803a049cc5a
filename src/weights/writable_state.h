#pragma once

#include <string>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// Throws Error that names \p file and the key for a tensor that no weights file can hold: undefined, sparse,
/// quantised, without memory, of an unknown element type, or with a name that is not UTF-8.
void check_writable(const StateDict& state, const std::string& file);

/// \p tensor as it is written: on the CPU, contiguous, detached.
at::Tensor writable_tensor(const at::Tensor& tensor);

}  // namespace tha4
