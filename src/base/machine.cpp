#include "tha4/base/machine.h"

#include <algorithm>
#include <fstream>
#include <thread>

#include "nvidia_driver.h"
#include <ATen/Parallel.h>
#include <torch/headeronly/version.h>
#include <unistd.h>

namespace tha4 {
namespace {

std::string processor_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(std::min(line.find(':') + 2, line.size()));
  }
  return "unknown";
}

}  // namespace

MachineDescription describe_machine(c10::Device device) {
  MachineDescription machine;
  machine.processor = processor_model();
  machine.processors = static_cast<int>(std::thread::hardware_concurrency());
  machine.threads = at::get_num_threads();
  machine.memory_bytes = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGE_SIZE);
  machine.libtorch = TORCH_VERSION;
  if (device.is_cuda()) machine.gpu = describe_cuda_device(device.has_index() ? device.index() : 0);
  return machine;
}

}  // namespace tha4
