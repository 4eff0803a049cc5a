#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pickle_value.h"

namespace tha4 {

/// What the three opcodes that can call code in Python may mean in a state dict. All throw InputError that
/// starts with \p source for anything else.

/// The class or function \p module.\p name; refused by name unless state dicts need it.
PickleGlobal known_global(std::string_view module, std::string_view name, const std::string& source);

/// The result of calling \p function with \p arguments.
PickleValue call_global(const Pickle& pickle, PickleId function, PickleId arguments,
                        const std::string& source);

/// The storage that a persistent id stands for.
PickledStorage storage_of_persistent_id(const Pickle& pickle, PickleId id, const std::string& source);

}  // namespace tha4
