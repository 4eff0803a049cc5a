#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "command_line.h"
#include <c10/core/Device.h>

#include "tha4/distill/distiller.h"
#include "tha4/opening/open_poser.h"

namespace tha4::app {

/// The options of tha4-distill.
struct DistillOptions {
  PoserChoice teacher;
  std::string mask;
  std::string config;
  std::string preset;  ///< quick on a CPU, else fast, where empty
  std::vector<std::string> overrides;
  std::string out;  ///< where empty, named after the picture or the teacher
  bool resume = false;
  std::string init;    ///< character folder whose weights SIRENs begin with; may be empty
  double minutes = 0;  ///< that the whole run shall take; 0: as long as the settings take
  JsonOutput json;
};

/// A distillation that is ready to run.
struct PreparedJob {
  OpenedPoser teacher;
  DistillJob job;
};

/// Reads everything that the options name. Throws InputError, and Error where something could not be written
/// in the end.
/// \param is_first  of the processes that share the work: it writes, and warns of what is doubtful about the
/// picture
PreparedJob prepare(const DistillOptions& options, c10::Device device, bool is_first);

}  // namespace tha4::app
