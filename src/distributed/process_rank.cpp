#include "tha4/distributed/process_rank.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <spdlog/spdlog.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr int kMaxProcesses = 1 << 16;
constexpr int kMaxPort = 65535;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

/// The number in the variable \p name, within [min, max]; nothing if it is not set.
std::optional<int> number(const char* name, int min, int max) {
  const auto text = variable(name);
  if (!text) return std::nullopt;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc{} || end != text->data() + text->size() || value < min || value > max) {
    throw InputError("the environment variable " + std::string(name) + " is '" + *text +
                     "'; it must be a number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return value;
}

[[noreturn]] void refuse_missing(const std::string& name) {
  throw InputError("the environment variable " + name +
                       " is not set, though others say that several processes train together",
                   Remedy::launch_processes);
}

int required_number(const char* name, int min, int max) {
  if (const auto value = number(name, min, max)) return *value;
  refuse_missing(name);
}

ProcessRank rank_of_torchrun(int world_size) {
  ProcessRank process;
  process.world_size = world_size;
  process.rank = required_number("RANK", 0, world_size - 1);
  process.local_rank = number("LOCAL_RANK", 0, world_size - 1).value_or(process.rank);
  process.has_agent = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  process.attempt = number("TORCHELASTIC_RESTART_COUNT", 0, 1 << 30).value_or(0);
  return process;
}

ProcessRank rank_of_srun(int world_size) {
  ProcessRank process;
  process.world_size = world_size;
  process.rank = required_number("SLURM_PROCID", 0, world_size - 1);
  process.local_rank = required_number("SLURM_LOCALID", 0, world_size - 1);
  return process;
}

void find_meeting_place(ProcessRank& process, bool by_srun) {
  const auto address = variable("MASTER_ADDR");
  const auto port = number("MASTER_PORT", 1, kMaxPort);
  const auto launching_node = by_srun ? variable("SLURM_LAUNCH_NODE_IPADDR") : std::nullopt;
  if (!address && !launching_node) refuse_missing("MASTER_ADDR");
  process.address = address ? *address : *launching_node;
  if (port) {
    process.port = *port;
  } else if (by_srun) {
    // Jobs that share a machine must not meet at the same port; these are unassigned ones.
    constexpr int kFirstPort = 20000;
    constexpr int kPorts = 10000;
    process.port = kFirstPort + required_number("SLURM_JOB_ID", 0, 1 << 30) % kPorts;
  } else {
    refuse_missing("MASTER_PORT");
  }
}

}  // namespace

int own_device_index(const ProcessRank& process) {
  // A list of one device, as Slurm makes for each task where every task has a device of its own.
  const auto visible = variable("CUDA_VISIBLE_DEVICES");
  return visible && visible->find(',') == std::string::npos ? 0 : process.local_rank;
}

c10::Device own_device(c10::Device asked, const ProcessRank& process) {
  if (!asked.is_cuda() || process.world_size == 1) return asked;
  return parse_device("cuda:" + std::to_string(own_device_index(process)));
}

ProcessRank process_rank_from_environment() {
  // srun's variables are also there in the shell of a job that starts one process by hand, or torchrun.
  const auto world_size = number("WORLD_SIZE", 1, kMaxProcesses);
  const bool by_srun = !world_size && variable("SLURM_STEP_ID") && variable("SLURM_PROCID");
  if (!world_size && !by_srun) {
    if (variable("RANK")) refuse_missing("WORLD_SIZE");
    return {};
  }
  ProcessRank process = by_srun ? rank_of_srun(required_number("SLURM_NTASKS", 1, kMaxProcesses))
                                : rank_of_torchrun(*world_size);
  if (process.world_size > 1) find_meeting_place(process, by_srun);
  return process;
}

}  // namespace tha4
