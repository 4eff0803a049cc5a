#pragma once

#include <vector>

#include "kernels/siren_pass_arguments.h"

namespace tha4 {

/// One step's windows and settings, of a SIREN that learns by kernels of the project's own.
struct PlannedStep {
  std::vector<kernels::SirenWindow> windows;
  kernels::SirenStep settings;
};

}  // namespace tha4
