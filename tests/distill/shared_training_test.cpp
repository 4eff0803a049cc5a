#include <string>

#include "cli/command_group.h"
#include "gpu_test.h"
#include <torch/types.h>

#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// What training_member leaves of a scenario that so many processes play.
StateDict result_of(const std::string& scenario, const std::string& device, int processes) {
  const fs::path out =
      fresh_folder("shared_training") / (scenario + "_" + std::to_string(processes) + ".safetensors");
  for (const CommandResult& result :
       run_command_group("training_member", {scenario, device, out.string()}, processes)) {
    EXPECT_EQ(result.status, 0) << result.errors;
  }
  return fs::exists(out) ? read_safetensors(out) : StateDict();
}

void expect_same_frames(const std::string& device, int processes) {
  const StateDict expected = result_of("frames", device, 1), made = result_of("frames", device, processes);
  ASSERT_EQ(made.size(), expected.size());
  for (const auto& item : expected) EXPECT_TRUE(torch::equal(item.value(), made[item.key()])) << item.key();
}

/// How far two trainings lead from each other, as a share of how far they lead.
void expect_same_course(const std::string& scenario, const std::string& device, double tolerance) {
  const StateDict one = result_of(scenario, device, 1), two = result_of(scenario, device, 2);
  ASSERT_FALSE(one.is_empty());
  ASSERT_EQ(two.size(), one.size());
  for (const auto& item : one) {
    const std::size_t at = item.key().find(".last.");
    if (at == std::string::npos) continue;
    const std::string name = item.key().substr(0, at), parameter = item.key().substr(at + 6);
    const at::Tensor& first = one[name + ".first." + parameter];
    EXPECT_TRUE(torch::equal(first, two[name + ".first." + parameter])) << parameter;
    const double moved = (item.value() - first).norm().item<double>();
    EXPECT_GT(moved, 0) << item.key();
    EXPECT_LE((two[item.key()] - item.value()).norm().item<double>(), tolerance * moved) << item.key();
    const std::string exported = name + ".exported." + parameter;
    EXPECT_LE((two[exported] - one[exported]).norm().item<double>(), tolerance * moved) << exported;
  }
}

TEST(SharedTraining, FramesAreThoseOfOneProcess) {
  expect_same_frames("cpu", 2);
  expect_same_frames("cpu", 3);
}

TEST(SharedTraining, KernelsOfTwoProcessesLearnWhatOneDoes) {
  expect_same_course("stored", "cpu", 0.01);
}

TEST(SharedTraining, LayersOfTwoProcessesLearnWhatOneDoes) {
  expect_same_course("layers", "cpu", 0.01);
}

/// Where there are two GPUs, one for each process.
class SharedGpuTraining : public GpuTest {
 protected:
  void SetUp() override {
    GpuTest::SetUp();
    if (IsSkipped()) return;
    try {
      parse_device("cuda:1");
    } catch (const InputError& error) {
      GTEST_SKIP() << error.what();
    }
  }
};

TEST_F(SharedGpuTraining, FramesAreThoseOfOneProcess) {
  expect_same_frames("cuda", 2);
}

/// Gradients are added by NCCL within each step's graph.
TEST_F(SharedGpuTraining, KernelsOfTwoProcessesLearnWhatOneDoes) {
  expect_same_course("stored", "cuda", 0.05);
}

TEST_F(SharedGpuTraining, FreshFramesOfTwoProcessesTeachWhatThoseOfOneDo) {
  expect_same_course("fresh", "cuda", 0.05);
}

}  // namespace
}  // namespace tha4
