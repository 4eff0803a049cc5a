#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace tha4 {

/// What can be done about an error. The library only says which remedy there is: a command has options for
/// it, another application has buttons or settings. apps/command_line/remedy_text.h has the commands' words.
struct Remedy {
  enum Kind {
    none,                      ///< what() says all
    other_output,              ///< write into another folder
    continue_or_other_output,  ///< continue the run that the folder holds, or write into another one
    resume,                    ///< what is done is saved: continue the run
    resume_or_start,           ///< name the folder of the run that is meant, or start a new one
    same_run_or_other_output,  ///< continue with what the folder was begun with, or write into another one
    wait_or_other_output,      ///< wait until the other process has ended, or write into another folder
    train_first,               ///< train the network that is missing, of the same teacher
    complete_teacher,          ///< train the networks that are missing, or put their files there
    other_initial_weights,     ///< begin with those of another teacher, or untrained
    scale_picture,             ///< RestImageFit::scale
    usual_resolution,          ///< frames of 512x512 pixels, or another kind of poser
    lower_learning_rate,       ///< start again with one
    other_batch,               ///< another batch, or another number of processes
    name_backbone,             ///< name the file of the network's weights, or train without that loss
    make_dataset,              ///< details: the step that it must be of, where that matters
    finish_dataset,            ///< make what is still missing of one
    more_test_characters,  ///< make a dataset of more, or with a larger fraction for tests; or train without
    launch_processes,      ///< by a launcher, or with the environment variables that it sets
    compute_on_cpu,        ///< where the device cannot be used
    less_device_memory,    ///< details: settings KEY=VALUE that take less; without any, the caller knows
    less_memory,           ///< of the machine
  };

  Remedy(Kind remedy = none, std::vector<std::string> what_it_takes = {})
      : kind(remedy), details(std::move(what_it_takes)) {}

  Kind kind;
  std::vector<std::string> details;  ///< what some kinds are about, see there
};

/// The one family of exceptions that the library throws on purpose. `what()` is a single line that says what
/// is wrong and where; `remedy()`, what to do about it where that depends on the application. Commands print
/// both and exit with `exit_code()`.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, Remedy remedy = {})
      : std::runtime_error(what), remedy_(std::move(remedy)) {}

  const Remedy& remedy() const { return remedy_; }

  /// Exit status of a command that ends because of this error.
  virtual int exit_code() const { return 1; }

 private:
  Remedy remedy_;
};

/// Wrong usage or bad input: a file, an option or a value that the user can mend.
class InputError : public Error {
 public:
  using Error::Error;
  int exit_code() const override { return 2; }
};

/// A text is not what it should be. what() begins with the text, so that who asked for it can say before it
/// where it came from.
class ValueError : public InputError {
 public:
  using InputError::InputError;
};

/// Long work was interrupted by the user, after its state had been saved.
class InterruptedError : public Error {
 public:
  using Error::Error;
  int exit_code() const override { return 130; }
};

/// \p error in one line, whoever threw it: LibTorch's own come with a backtrace, which is left out, and where
/// memory did not suffice, that is said. An Error is taken as it is.
Error as_error(const std::exception& error);

}  // namespace tha4
