#include "tha4/base/peak_memory.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "tha4/base/machine.h"

namespace tha4 {
namespace {

constexpr std::int64_t kMegabyte = 1 << 20;

/// Bytes that a process takes for each that it uses: the address sanitizer keeps notes of one for eight.
#ifdef __SANITIZE_ADDRESS__
constexpr double kBytesPerByte = 1.125;
#else
constexpr double kBytesPerByte = 1;
#endif

/// Fills \p megabytes of memory and gives it back.
void use_memory(std::int64_t megabytes) {
  std::vector<char> block(static_cast<std::size_t>(megabytes * kMegabyte));
  std::iota(block.begin(), block.end(), '\0');
  // Keeps the compiler from leaving the block out.
  ASSERT_EQ(std::count(block.begin(), block.end(), '\1'), megabytes * kMegabyte / 256);
}

TEST(PeakMemory, IsOfWhatWasFreedAgainBeforeItIsAskedFor) {
  const PeakMemory memory(c10::Device(c10::kCPU));
  use_memory(100);
  const auto growth = memory.growth();
  if (!growth) GTEST_SKIP() << "this system does not tell the peak size of a process";
  EXPECT_GE(*growth, 99 * kMegabyte);
  EXPECT_LE(*growth, 110 * kMegabyte * kBytesPerByte);
}

TEST(PeakMemory, ForgetsEarlierAndLargerPeaks) {
  use_memory(200);
  const PeakMemory memory(c10::Device(c10::kCPU));
  use_memory(50);
  const auto growth = memory.growth();
  if (!growth) GTEST_SKIP() << "this system does not tell the peak size of a process";
  EXPECT_GE(*growth, 49 * kMegabyte);
  EXPECT_LE(*growth, 60 * kMegabyte * kBytesPerByte);
}

TEST(MachineDescription, IsFilledIn) {
  const MachineDescription machine = describe_machine(c10::Device(c10::kCPU));
  EXPECT_FALSE(machine.processor.empty());
  EXPECT_GT(machine.processors, 0);
  EXPECT_GT(machine.threads, 0);
  EXPECT_GT(machine.memory_bytes, 64 * kMegabyte);
  EXPECT_TRUE(machine.libtorch.starts_with("2.")) << machine.libtorch;
  EXPECT_FALSE(machine.gpu) << "no graphics device was asked for";
}

}  // namespace
}  // namespace tha4
