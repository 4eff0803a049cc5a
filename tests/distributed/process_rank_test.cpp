#include "tha4/distributed/process_rank.h"

#include <cstdlib>
#include <map>

#include "input_error_message.h"
#include <gtest/gtest.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

using Variables = std::map<std::string, std::string>;

/// What process_rank_from_environment() makes of these variables and none of a launcher that runs the test.
ProcessRank rank_in(const Variables& variables) {
  for (const char* name :
       {"RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT", "SLURM_PROCID", "SLURM_NTASKS",
        "SLURM_LOCALID", "SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_LAUNCH_NODE_IPADDR",
        "TORCHELASTIC_USE_AGENT_STORE", "TORCHELASTIC_RESTART_COUNT"}) {
    ::unsetenv(name);
  }
  for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  return process_rank_from_environment();
}

void expect_refused(const Variables& variables, const std::string& name) {
  const std::string message = input_error_message([&] { rank_in(variables); });
  EXPECT_NE(message.find(name), std::string::npos) << message;
}

TEST(ProcessRank, NoVariablesMeanOneProcess) {
  const ProcessRank process = rank_in({});
  EXPECT_EQ(process.world_size, 1);
  EXPECT_EQ(process.rank, 0);
}

TEST(ProcessRank, TorchrunsVariablesAreRead) {
  const ProcessRank process = rank_in({{"RANK", "5"},
                                       {"WORLD_SIZE", "8"},
                                       {"LOCAL_RANK", "1"},
                                       {"MASTER_ADDR", "node0"},
                                       {"MASTER_PORT", "29400"},
                                       {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                                       {"TORCHELASTIC_RESTART_COUNT", "2"}});
  EXPECT_EQ(process.rank, 5);
  EXPECT_EQ(process.world_size, 8);
  EXPECT_EQ(process.local_rank, 1);
  EXPECT_EQ(process.address, "node0");
  EXPECT_EQ(process.port, 29400);
  EXPECT_TRUE(process.has_agent);
  EXPECT_EQ(process.attempt, 2);
}

TEST(ProcessRank, SrunsVariablesAreRead) {
  const Variables srun = {{"SLURM_PROCID", "3"},      {"SLURM_NTASKS", "4"},
                          {"SLURM_LOCALID", "1"},     {"SLURM_STEP_ID", "0"},
                          {"SLURM_JOB_ID", "123456"}, {"SLURM_LAUNCH_NODE_IPADDR", "10.0.0.7"}};
  const ProcessRank process = rank_in(srun);
  EXPECT_EQ(process.rank, 3);
  EXPECT_EQ(process.world_size, 4);
  EXPECT_EQ(process.local_rank, 1);
  EXPECT_EQ(process.address, "10.0.0.7");
  EXPECT_GT(process.port, 1023);

  // torchrun within a Slurm job speaks for itself.
  Variables torchrun = srun;
  torchrun.merge(
      Variables{{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "x"}, {"MASTER_PORT", "1234"}});
  EXPECT_EQ(rank_in(torchrun).world_size, 2);
}

TEST(ProcessRank, ProcessInAShellOfASlurmJobIsAlone) {
  EXPECT_EQ(rank_in({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "4"}, {"SLURM_JOB_ID", "1"}}).world_size, 1);
}

TEST(ProcessRank, DeviceIsThatOfTheProcessUnlessItSeesASingleOne) {
  ProcessRank process;
  process.world_size = 8;
  process.rank = 5;
  process.local_rank = 1;
  const auto index_with = [&](const char* visible) {
    ::setenv("CUDA_VISIBLE_DEVICES", visible, 1);
    const int index = own_device_index(process);
    ::unsetenv("CUDA_VISIBLE_DEVICES");
    return index;
  };
  ::unsetenv("CUDA_VISIBLE_DEVICES");
  EXPECT_EQ(own_device_index(process), 1);
  EXPECT_EQ(index_with("0,1,2,3"), 1);
  EXPECT_EQ(index_with("3"), 0);  // srun --gpus-per-task 1
  EXPECT_EQ(index_with("GPU-8932f937"), 0);
}

TEST(ProcessRank, MissingAndWrongVariablesAreNamed) {
  expect_refused({{"RANK", "0"}}, "WORLD_SIZE");
  expect_refused({{"WORLD_SIZE", "2"}}, "RANK");
  expect_refused({{"WORLD_SIZE", "2"}, {"RANK", "0"}}, "MASTER_ADDR");
  expect_refused({{"WORLD_SIZE", "2"}, {"RANK", "0"}, {"MASTER_ADDR", "a"}}, "MASTER_PORT");
  expect_refused({{"WORLD_SIZE", "2"}, {"RANK", "2"}, {"MASTER_ADDR", "a"}, {"MASTER_PORT", "1"}}, "RANK");
  expect_refused({{"WORLD_SIZE", "two"}, {"RANK", "0"}}, "WORLD_SIZE");
}

}  // namespace
}  // namespace tha4
