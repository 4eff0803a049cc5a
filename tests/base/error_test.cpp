#include "tha4/base/error.h"

#include <functional>
#include <new>

#include <c10/util/Exception.h>
#include <gtest/gtest.h>

namespace tha4 {
namespace {

Error error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    return as_error(error);
  }
  return Error("no error");
}

TEST(AsError, OwnErrorsAreTakenAsTheyAre) {
  const Error error = error_of([] { throw InputError("a.json: batch is missing", Remedy::other_batch); });
  EXPECT_STREQ(error.what(), "a.json: batch is missing");
  EXPECT_EQ(error.remedy().kind, Remedy::other_batch);
}

TEST(AsError, BacktracesOfLibTorchAreLeftOut) {
  const Error error = error_of([] { TORCH_CHECK(false, "sizes do not fit\nsecond line"); });
  EXPECT_STREQ(error.what(), "LibTorch failed: sizes do not fit");
  EXPECT_EQ(error.remedy().kind, Remedy::none);
}

TEST(AsError, MissingMemoryIsSaidAsSuch) {
  const Error of_device = error_of(
      [] { TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate 2 GiB"); });
  EXPECT_STREQ(of_device.what(), "the device has not enough memory");
  EXPECT_EQ(of_device.remedy().kind, Remedy::less_device_memory);
  const Error of_machine = error_of([] { throw std::bad_alloc(); });
  EXPECT_STREQ(of_machine.what(), "out of memory");
  EXPECT_EQ(of_machine.remedy().kind, Remedy::less_memory);
}

TEST(AsError, OfOtherErrorsTheFirstLineIsTaken) {
  EXPECT_STREQ(error_of([] { throw std::runtime_error("first\nsecond"); }).what(), "first");
}

}  // namespace
}  // namespace tha4
