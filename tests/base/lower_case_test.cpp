#include "tha4/base/lower_case.h"

#include <gtest/gtest.h>

namespace tha4 {
namespace {

TEST(LowerCase, ChangesLatinLettersAlone) {
  EXPECT_EQ(lower_case("Mouth_A.1"), "mouth_a.1");
  EXPECT_EQ(lower_case("ÄÖ あ"), "ÄÖ あ");
  EXPECT_EQ(lower_extension("DIR.X/Me.PnG"), ".png");
  EXPECT_EQ(lower_extension("DIR.X/me"), "");
}

}  // namespace
}  // namespace tha4
