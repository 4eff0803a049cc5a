#include "tha4/engine/tile_workers.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace tha4 {
namespace {

TEST(TileWorkers, DoEveryTaskOnceHoweverManyTheyAre) {
  for (const int threads : {1, 2, 5}) {
    TileWorkers workers(threads);
    EXPECT_EQ(workers.threads(), threads);
    for (const int count : {0, 1, 3, 1000}) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(count));
      std::atomic<bool> has_wrong_thread = false;
      workers.run(count, [&](std::int64_t task, int thread) {
        ++done[static_cast<std::size_t>(task)];
        if (thread < 0 || thread >= threads) has_wrong_thread = true;
      });
      for (const std::atomic<int>& times : done) EXPECT_EQ(times, 1);
      EXPECT_FALSE(has_wrong_thread);
    }
  }
}

TEST(TileWorkers, ServeSeveralThreadsOneAfterTheOther) {
  TileWorkers workers(3);
  std::atomic<int> done = 0;
  const auto call_often = [&] {
    for (int call = 0; call < 200; ++call) {
      std::atomic<int> own = 0;
      workers.run(10, [&](std::int64_t, int) { ++own; });
      done += own;
    }
  };
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) callers.emplace_back(call_often);
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(done, 4 * 200 * 10);
}

TEST(TileWorkers, ThrowOnWhatATaskThrowsAndGoOnWorking) {
  TileWorkers workers(3);
  for (int round = 0; round < 20; ++round) {
    EXPECT_THROW(workers.run(100,
                             [](std::int64_t task, int) {
                               if (task == 40) throw std::runtime_error("task 40");
                             }),
                 std::runtime_error);
    std::atomic<int> done = 0;
    workers.run(100, [&](std::int64_t, int) { ++done; });
    EXPECT_EQ(done, 100);
  }
}

}  // namespace
}  // namespace tha4
