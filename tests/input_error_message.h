#pragma once

#include <exception>
#include <string>

#include "tha4/base/error.h"

namespace tha4 {

/// The message of the InputError that \p action throws; another text where it throws none.
template <class Action>
std::string input_error_message(const Action& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("not an InputError: ") + error.what();
  }
  return "no error";
}

/// The remedy of the InputError that \p action throws.
template <class Action>
Remedy input_error_remedy(const Action& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.remedy();
  }
  return Remedy::none;
}

}  // namespace tha4
