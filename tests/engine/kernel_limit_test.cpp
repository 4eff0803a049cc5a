#include "tha4/engine/kernel_limit.h"

#include "engine/engine_fixtures.h"
#include <gtest/gtest.h>

namespace tha4 {
namespace {

TEST(KernelLimit, CountsWhatIsDrawn) {
  const Character character = small_character(disc(), 0.3);
  const std::int64_t whole = fused_products(character);
  // Of the face, the second layer and the last one: 8 by 12 and 8 by 6, since outputs come in panels of 6.
  const std::int64_t face = std::int64_t{128} * 128 * (8 * 12 + 8 * 6);
  EXPECT_GT(whole, face);
  EmptyCells all;
  for (int i = 0; i < EmptyCells::kAcross * EmptyCells::kAcross; ++i) all.set_empty(i % 64, i / 64);
  EXPECT_EQ(fused_products(character, all), face);
  const std::int64_t some = fused_products(character, scattered_cells());
  EXPECT_GT(some, face);
  EXPECT_LT(some, whole);
}

TEST(KernelLimit, IsMeasured) {
  TileWorkers workers(2);
  EXPECT_GT(products_per_second(workers), 1e6);
}

}  // namespace
}  // namespace tha4
