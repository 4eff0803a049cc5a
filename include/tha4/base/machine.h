#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <c10/core/Device.h>

namespace tha4 {

/// A graphics device as its driver describes it.
struct GpuDescription {
  std::string name;
  std::int64_t memory_bytes = 0;
  std::string driver;  ///< version of the driver
  std::string cuda;    ///< newest CUDA version that the driver serves, for example "13.0"
};

/// What measured times belong to. Texts that the system does not tell are "unknown".
struct MachineDescription {
  std::string processor;  ///< model
  int processors = 0;     ///< logical ones that this process may use
  int threads = 0;        ///< that LibTorch computes an operation with
  std::int64_t memory_bytes = 0;
  std::string libtorch;               ///< version
  std::optional<GpuDescription> gpu;  ///< of a CUDA device
};

MachineDescription describe_machine(c10::Device device);

}  // namespace tha4
