#include <array>

#include <gtest/gtest.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"

namespace tha4 {
namespace {

TEST(NearestName, HasTheSmallestEditDistance) {
  const std::array<std::string, 3> names = {"head_x", "head_y", "neck_z"};
  EXPECT_EQ(nearest_name("haed_y", names), "head_y");
  EXPECT_EQ(nearest_name("neckz", names), "neck_z");
  EXPECT_EQ(nearest_name("x", {}), "");
}

TEST(ParseDevice, KnowsCpuAndRefusesNonsense) {
  EXPECT_TRUE(parse_device("cpu").is_cpu());
  for (const char* text : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:0x", ""}) {
    EXPECT_THROW(parse_device(text), InputError) << text;
    EXPECT_THROW(check_device_form(text), InputError) << text;
  }
  for (const char* text : {"auto", "cpu", "cuda", "cuda:127"}) {
    EXPECT_NO_THROW(check_device_form(text)) << text << ", whether it is there or not";
  }
}

TEST(ParsePrecision, RefusesNonsense) {
  EXPECT_EQ(parse_precision("bf16"), Precision::bf16);
  EXPECT_THROW(parse_precision("fp64"), InputError);
}

}  // namespace
}  // namespace tha4
