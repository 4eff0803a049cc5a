#pragma once

#include <memory>
#include <string>

#include "teacher_choice.h"
#include <CLI/CLI.hpp>
#include <c10/core/Device.h>

#include "tha4/poser/poser.h"

namespace tha4 {

/// The options that say who is posed, for the commands that play any poser.
struct PoserOptions {
  std::string character;
  TeacherChoice teacher;

  /// Adds --character, --teacher, --arch, --image, --fit and --precision.
  void add_to(CLI::App& app);
};

/// Opens the character, teacher or rig that the options name; a character is given back as a teacher, too.
/// Throws InputError where they do not fit together, and as its reader does.
OpenedTeacher open_poser(const PoserOptions& options, c10::Device device);

}  // namespace tha4
