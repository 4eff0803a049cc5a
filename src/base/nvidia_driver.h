#pragma once

#include <optional>

#include "tha4/base/machine.h"

namespace tha4 {

/// The CUDA device \p index as the NVIDIA driver, loaded while the program runs, describes it; nothing where
/// there is no driver or no such device.
std::optional<GpuDescription> describe_cuda_device(int index);

}  // namespace tha4
