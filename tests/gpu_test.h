#pragma once

#include <gtest/gtest.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"

namespace tha4 {

/// What needs a GPU to run on; skipped where there is none.
class GpuTest : public ::testing::Test {
 protected:
  void SetUp() override {
    try {
      device_ = parse_device("cuda");
    } catch (const InputError& error) {
      GTEST_SKIP() << error.what();
    }
  }

  c10::Device device_{c10::kCPU};
};

}  // namespace tha4
