#include "tha4/base/command.h"

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

}  // namespace
}  // namespace tha4
