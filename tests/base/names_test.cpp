#include <array>

#include <gtest/gtest.h>

#include "tha4/base/device.h"
#include "tha4/base/error.h"
#include "tha4/base/nearest_name.h"
#include "tha4/base/utf8_text.h"

namespace tha4 {
namespace {

TEST(Utf8Text, ComesFromUtf16) {
  using namespace std::literals;
  EXPECT_EQ(utf8_text("\xef\xbb\xbfm\xc3\xbc"), "m\xc3\xbc");
  EXPECT_EQ(utf8_text("a"), "a");
  EXPECT_EQ(utf8_text(""), "");
  // a, u with dots, Hiragana a, and a face, which takes a pair.
  EXPECT_EQ(utf8_text("\xff\xfe\x61\0\xfc\0\x42\x30\x3d\xd8\0\xde"s),
            "a\xc3\xbc\xe3\x81\x82\xf0\x9f\x98\x80");
  EXPECT_EQ(utf8_text("\0\x61\x30\x42"s), "a\xe3\x81\x82");
  EXPECT_EQ(utf8_text("\xfe\xff\xd8\x3d\0\x61"s), "\xef\xbf\xbd"s + "a") << "half a pair";
  EXPECT_EQ(utf8_text("\xfe\xff\xd8"s), "") << "half a unit";
}

TEST(Utf8Text, ComesFromUtf32) {
  using namespace std::literals;
  EXPECT_EQ(utf8_text("\xff\xfe\0\0[\0\0\0\x00\xf6\x01\0"s), "[\xf0\x9f\x98\x80");
  EXPECT_EQ(utf8_text("\0\0\xfe\xff\0\0\0[\0\0\x30\x42"s), "[\xe3\x81\x82");
  EXPECT_EQ(utf8_text("[\0\0\0]\0\0\0"s), "[]");
  EXPECT_EQ(utf8_text("\0\0\0[\0\0\0]"s), "[]");
  EXPECT_EQ(utf8_text("\xff\xfe\0\0\0\0\x11\0\0\xd8\0\0"s), "\xef\xbf\xbd\xef\xbf\xbd") << "no characters";
}

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
