#pragma once

#include <string>

#include <c10/core/Device.h>

namespace tha4 {

/// Which of the processes that train together this one is, and where they meet.
struct ProcessRank {
  int rank = 0;
  int world_size = 1;
  int local_rank = 0;   ///< among the processes of this machine
  std::string address;  ///< where the processes meet; empty for one process alone
  int port = 0;
  bool has_agent = false;  ///< whether a launcher such as torchrun keeps the meeting place, not rank 0
  int attempt = 0;         ///< how often the launcher has restarted the processes
};

/// What the launcher has put into the environment:
/// - torchrun, or by hand: RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT and LOCAL_RANK;
/// - srun: SLURM_PROCID, SLURM_NTASKS, SLURM_LOCALID, with MASTER_ADDR and MASTER_PORT from the batch script,
///   or, where these are not set, the launching node (SLURM_LAUNCH_NODE_IPADDR) and a port made of the job's
///   number.
///
/// One process alone where neither has. Throws InputError that names a variable that is missing or wrong.
ProcessRank process_rank_from_environment();

/// The number of the CUDA device of one of several processes, counted among those that it sees: 0 where
/// CUDA_VISIBLE_DEVICES shows it a single one, else that of the process on its machine.
int own_device_index(const ProcessRank& process);

/// The device of this process where \p asked is that of all: of several processes on CUDA devices, each has
/// the one of own_device_index(). Throws InputError where there is none of that number.
c10::Device own_device(c10::Device asked, const ProcessRank& process);

}  // namespace tha4
