#include "tha4/base/command.h"

#include <new>

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

std::string line_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    return one_line(error);
  }
  return "no error";
}

TEST(OneLine, OwnErrorsAreTakenAsTheyAre) {
  EXPECT_EQ(line_of([] { throw InputError("a.json: batch is missing"); }), "a.json: batch is missing");
}

TEST(OneLine, BacktracesOfLibTorchAreLeftOut) {
  const std::string line = line_of([] { TORCH_CHECK(false, "sizes do not fit\nsecond line"); });
  EXPECT_EQ(line, "LibTorch failed: sizes do not fit");
}

TEST(OneLine, MissingMemoryOfADeviceIsSaidAsSuch) {
  const std::string line = line_of(
      [] { TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate 2 GiB"); });
  EXPECT_NE(line.find("not enough memory"), std::string::npos) << line;
}

TEST(OneLine, OfOtherErrorsTheFirstLineIsTaken) {
  EXPECT_EQ(line_of([] { throw std::runtime_error("first\nsecond"); }), "first");
}

/// What a command says that ends by \p failure, and whose way to need less memory is \p remedy.
template <class Failure>
std::string said_of(const Failure& failure, const std::string& remedy, int status) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_command(
                "tha4-x", [&]() -> int { throw failure; }, remedy),
            status);
  return testing::internal::GetCapturedStderr();
}

TEST(RunCommand, TurnsWhatIsThrownIntoOneLineAndAStatus) {
  EXPECT_EQ(said_of(InputError("no such file"), "", 2), "tha4-x: error: no such file\n");
  EXPECT_EQ(said_of(Error("disk full"), "", 1), "tha4-x: error: disk full\n");
  EXPECT_EQ(said_of(InterruptedError("stopped"), "", 130), "tha4-x: error: stopped\n");
  EXPECT_EQ(said_of(std::runtime_error("first\nsecond"), "", 1), "tha4-x: error: first\n");
}

TEST(RunCommand, AdvisesOnMemoryOnlyWhatTheCommandHas) {
  const c10::OutOfMemoryError device_full(c10::SourceLocation{"", "", 0}, "CUDA out of memory");
  EXPECT_EQ(said_of(device_full, "", 1),
            "tha4-x: error: the device has not enough memory; use --device cpu\n");
  EXPECT_EQ(said_of(device_full, "use a smaller --batch", 1),
            "tha4-x: error: the device has not enough memory; use a smaller --batch or --device cpu\n");
  EXPECT_EQ(said_of(std::bad_alloc(), "", 1), "tha4-x: error: out of memory\n");
  EXPECT_EQ(said_of(std::bad_alloc(), "use fewer --threads", 1),
            "tha4-x: error: out of memory; use fewer --threads\n");
}

}  // namespace
}  // namespace tha4
