#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pickle_value.h"

namespace tha4 {

/// Reads a pickle of protocol 2 to 5 as torch.save writes it, without being able to call anything: the few
/// classes and functions of tensor_pickle.h give plain values, everything else is refused by name. What comes
/// after the pickle is not looked at. Time and memory are proportional to the number of bytes. Throws
/// InputError that starts with \p source.
Pickle unpickle(std::vector<std::byte> bytes, const std::string& source);

}  // namespace tha4
