#pragma once

#include <string>

#include "tha4/base/error.h"

namespace tha4 {

/// The message of the InputError that \p action throws.
template <class Action>
std::string input_error_message(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no InputError";
}

/// The remedy of the InputError that \p action throws.
template <class Action>
Remedy input_error_remedy(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.remedy();
  }
  return Remedy::none;
}

}  // namespace tha4
