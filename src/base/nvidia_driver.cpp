#include "nvidia_driver.h"

#include <array>

#include "tha4/base/shared_library.h"

namespace tha4 {
namespace {

using Text = std::array<char, 128>;

std::string driver_version() {
  static const SharedLibrary management("libnvidia-ml.so.1");
  if (!management.call("nvmlInit_v2")) return "unknown";
  Text version{};
  const bool known =
      management.call("nvmlSystemGetDriverVersion", version.data(), static_cast<unsigned>(version.size()));
  management.call("nvmlShutdown");
  return known ? version.data() : "unknown";
}

}  // namespace

std::optional<GpuDescription> describe_cuda_device(int index) {
  const SharedLibrary& driver = SharedLibrary::cuda_driver();
  int device = 0;
  if (!driver.call("cuInit", 0U) || !driver.call("cuDeviceGet", &device, index)) return std::nullopt;
  GpuDescription gpu;
  Text name{};
  gpu.name = driver.call("cuDeviceGetName", name.data(), static_cast<int>(name.size()), device) ? name.data()
                                                                                                : "unknown";
  std::size_t memory = 0;
  if (driver.call("cuDeviceTotalMem_v2", &memory, device)) {
    gpu.memory_bytes = static_cast<std::int64_t>(memory);
  }
  int cuda = 0;  // 1000 * major + 10 * minor
  gpu.cuda = driver.call("cuDriverGetVersion", &cuda)
                 ? std::to_string(cuda / 1000) + "." + std::to_string(cuda % 1000 / 10)
                 : "unknown";
  gpu.driver = driver_version();
  return gpu;
}

}  // namespace tha4
