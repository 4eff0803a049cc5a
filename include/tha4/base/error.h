#pragma once

#include <stdexcept>
#include <string>

namespace tha4 {

/// The one family of exceptions that the library throws on purpose. `what()` is a single line that says what
/// is wrong, where, and what to do about it. Commands print it and exit with `exit_code()`.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;

  /// Exit status of a command that ends because of this error.
  virtual int exit_code() const { return 1; }
};

/// Wrong usage or bad input: a file, an option or a value that the user can mend.
class InputError : public Error {
 public:
  using Error::Error;
  int exit_code() const override { return 2; }
};

/// Long work was interrupted by the user, after its state had been saved.
class InterruptedError : public Error {
 public:
  using Error::Error;
  int exit_code() const override { return 130; }
};

}  // namespace tha4
