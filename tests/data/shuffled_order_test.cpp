#include "shuffled_order.h"

#include <set>

#include <gtest/gtest.h>

namespace tha4 {
namespace {

std::vector<SamplePlace> places(ShuffledOrder& order, std::uint64_t count) {
  std::vector<SamplePlace> result;
  for (std::uint64_t i = 0; i < count; ++i) result.push_back(order.next());
  return result;
}

TEST(ShuffledOrder, EveryEpochHasEverySampleOnce) {
  for (const int buffer : {1, 2, 7, 1000}) {
    ShuffledOrder order({3, 0, 5, 1, 0}, 9, buffer);
    ASSERT_EQ(order.samples_an_epoch(), 9U);
    for (int epoch = 0; epoch < 5; ++epoch) {
      std::set<SamplePlace> seen;
      for (const SamplePlace& place : places(order, 9)) seen.insert(place);
      EXPECT_EQ(seen.size(), 9U);
      EXPECT_FALSE(seen.contains({1, 0}));
    }
  }
}

TEST(ShuffledOrder, WithoutABufferItIsTheOrderOfTheFiles) {
  ShuffledOrder order({2, 1}, 9, 1);
  const std::vector<SamplePlace> expected = {{0, 0}, {0, 1}, {1, 0}, {0, 0}};
  EXPECT_EQ(places(order, 4), expected);
}

TEST(ShuffledOrder, ALargeBufferMixesAllShardsEvenly) {
  // The mean place of the samples of each shard is near the middle.
  ShuffledOrder order({500, 500}, 1, 1000);
  double sum = 0;
  for (int i = 0; i < 1000; ++i) sum += order.next().shard == 0 ? i : 0;
  EXPECT_NEAR(sum / 500, 499.5, 50);  // five standard deviations of the mean
}

TEST(ShuffledOrder, CanBeWoundToAnyPlace) {
  ShuffledOrder whole({4, 3, 6}, 2, 5);
  const auto expected = places(whole, 40);
  for (std::uint64_t place = 0; place < 39; ++place) {
    ShuffledOrder order({4, 3, 6}, 2, 5);
    order.wind_to(place);
    EXPECT_EQ(order.next(), expected[place]);
    EXPECT_EQ(order.next(), expected[place + 1]);
  }
}

}  // namespace
}  // namespace tha4
