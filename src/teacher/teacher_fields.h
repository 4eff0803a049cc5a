#pragma once

#include "tha4/base/settings.h"
#include "tha4/teacher/teacher_config.h"

namespace tha4 {

/// All settings of a teacher's training.
const Fields<TeacherTrainingConfig>& teacher_fields();

/// The networks by their names.
Names<TrainedNetwork> trained_network_names();

}  // namespace tha4
