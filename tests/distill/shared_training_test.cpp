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

double distance(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).norm().item<double>();
}

/// That the gradient of a first step is the same up to the order of its sums; and that steps which follow
/// lead to about the same place. Adam makes rounding large wherever a gradient is near 0: 12 steps of 16 bits
/// differed by up to a four-thousandth of the way of a tensor.
void expect_same_course(const std::string& scenario, const std::string& device) {
  constexpr double kOrderOfSums = 1e-3, kCourse = 0.03;
  const StateDict one = result_of(scenario, device, 1), two = result_of(scenario, device, 2);
  ASSERT_FALSE(one.is_empty());
  ASSERT_EQ(two.size(), one.size());
  const auto part_at = [](const std::string& key, const std::string& part) {
    return key.find("." + part + ".");
  };
  for (const auto& item : one) {
    const std::string& key = item.key();
    const at::Tensor& other = two[key];
    if (part_at(key, "first") != std::string::npos) {
      EXPECT_TRUE(torch::equal(item.value(), other)) << key;
    }
    if (key.starts_with("step.") && part_at(key, "moments") != std::string::npos) {
      EXPECT_LE(distance(item.value(), other), kOrderOfSums * item.value().norm().item<double>()) << key;
    }
    const std::size_t at = part_at(key, "last");
    if (!key.starts_with("course.") || at == std::string::npos) continue;
    const auto sibling = [&](const std::string& part) {
      return key.substr(0, at + 1) + part + key.substr(at + std::string(".last").size());
    };
    const double moved = distance(item.value(), one[sibling("first")]);
    EXPECT_GT(moved, 0) << key;
    EXPECT_LE(distance(item.value(), other), kCourse * moved) << key;
    EXPECT_LE(distance(one[sibling("exported")], two[sibling("exported")]), kCourse * moved) << key;
  }
}

TEST(SharedTraining, FramesAreThoseOfOneProcess) {
  expect_same_frames("cpu", 2);
  expect_same_frames("cpu", 3);
}

TEST(SharedTraining, KernelsOfTwoProcessesLearnWhatOneDoes) {
  expect_same_course("stored", "cpu");
}

TEST(SharedTraining, LayersOfTwoProcessesLearnWhatOneDoes) {
  expect_same_course("layers", "cpu");
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
  expect_same_course("stored", "cuda");
}

TEST_F(SharedGpuTraining, FreshFramesOfTwoProcessesTeachWhatThoseOfOneDo) {
  expect_same_course("fresh", "cuda");
}

}  // namespace
}  // namespace tha4
