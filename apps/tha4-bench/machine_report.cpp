#include "machine_report.h"

#include <nlohmann/json.hpp>
#include <spdlog/fmt/fmt.h>

namespace tha4::app {

std::string to_text(const MachineDescription& machine, const std::string& device) {
  std::string lines = fmt::format("machine   {}, {} processors, {:.1f} GiB\n", machine.processor,
                                  machine.processors, static_cast<double>(machine.memory_bytes) / kGibibyte);
  lines += "device    " + device;
  if (machine.gpu) {
    lines += fmt::format(", {}, {:.1f} GiB, driver {} (CUDA {})", machine.gpu->name,
                         static_cast<double>(machine.gpu->memory_bytes) / kGibibyte, machine.gpu->driver,
                         machine.gpu->cuda);
  }
  return lines + fmt::format("; LibTorch {}, {} threads\n", machine.libtorch, machine.threads);
}

nlohmann::json to_json(const MachineDescription& machine, const std::string& device) {
  nlohmann::json json = {{"processor", machine.processor},       {"processors", machine.processors},
                         {"memory_bytes", machine.memory_bytes}, {"libtorch", machine.libtorch},
                         {"threads", machine.threads},           {"device", device}};
  if (machine.gpu) {
    json["gpu"] = {{"name", machine.gpu->name},
                   {"memory_bytes", machine.gpu->memory_bytes},
                   {"driver", machine.gpu->driver},
                   {"cuda", machine.gpu->cuda}};
  }
  return json;
}

}  // namespace tha4::app
