#pragma once

#include <string>

#include "teacher_choice.h"

namespace tha4 {

/// Logs a warning for whatever is wrong with a picture that networks of a teacher shall pose, see
/// check_picture(). Does nothing where the picture is a rig's or a character's own. \param file  of the
/// picture
void warn_of_picture(const std::string& file, const OpenedTeacher& teacher);

}  // namespace tha4
