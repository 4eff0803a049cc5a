#include "ordered_workers.h"

#include <atomic>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace tha4 {
namespace {

std::function<std::optional<int>()> numbers_to(int end) {
  return [next = 0, end]() mutable { return next < end ? std::optional(next++) : std::nullopt; };
}

TEST(OrderedWorkers, GiveResultsInTheOrderOfTheTasks) {
  for (const int threads : {1, 3, 8}) {
    OrderedWorkers<int, int> workers(threads, 4, numbers_to(200), [] {
      return [](const int& task) {
        // Later tasks are done sooner.
        for (volatile int i = 0; i < 1000 * (5 - task % 5);) i = i + 1;
        return task * task;
      };
    });
    for (int i = 0; i < 200; ++i) EXPECT_EQ(workers.next(), i * i);
    EXPECT_EQ(workers.next(), std::nullopt);
    EXPECT_EQ(workers.next(), std::nullopt);
  }
}

TEST(OrderedWorkers, ThrowAtThePlaceOfTheFailure) {
  OrderedWorkers<int, int> workers(3, 4, numbers_to(5), [] {
    return [](const int& task) {
      if (task == 2) throw std::runtime_error("two");
      return task;
    };
  });
  EXPECT_EQ(workers.next(), 0);
  EXPECT_EQ(workers.next(), 1);
  EXPECT_THROW(workers.next(), std::runtime_error);
  EXPECT_EQ(workers.next(), 3);
  EXPECT_EQ(workers.next(), 4);
  EXPECT_EQ(workers.next(), std::nullopt);
}

TEST(OrderedWorkers, AFailureToBeginIsToldToo) {
  OrderedWorkers<int, int> no_work(
      2, 2, numbers_to(2), []() -> std::function<int(const int&)> { throw std::runtime_error("driver"); });
  EXPECT_THROW(no_work.next(), std::runtime_error);
  OrderedWorkers<int, int> no_task(
      2, 2, []() -> std::optional<int> { throw std::runtime_error("task"); },
      [] { return [](const int& task) { return task; }; });
  EXPECT_THROW(no_task.next(), std::runtime_error);
  EXPECT_EQ(no_task.next(), std::nullopt);
}

TEST(OrderedWorkers, WorkOnlySoFarAhead) {
  std::atomic<int> begun = 0;
  OrderedWorkers<int, int> workers(4, 3, numbers_to(100), [&] {
    return [&](const int& task) {
      ++begun;
      return task;
    };
  });
  for (int i = 0; i < 10; ++i) {
    workers.next();
    EXPECT_LE(begun, i + 1 + 3);
  }
}

TEST(OrderedWorkers, EachThreadMakesItsOwnWorker) {
  std::mutex mutex;
  std::set<std::thread::id> makers;
  OrderedWorkers<int, bool> workers(3, 30, numbers_to(30), [&] {
    const std::thread::id maker = std::this_thread::get_id();
    const std::lock_guard lock(mutex);
    EXPECT_TRUE(makers.insert(maker).second);
    return [maker](const int&) { return std::this_thread::get_id() == maker; };
  });
  for (int i = 0; i < 30; ++i) EXPECT_EQ(workers.next(), true);
}

TEST(OrderedWorkers, CanBeDroppedAtAnyTime) {
  for (int taken = 0; taken < 6; ++taken) {
    OrderedWorkers<int, int> workers(4, 2, numbers_to(1000),
                                     [] { return [](const int& task) { return task; }; });
    for (int i = 0; i < taken; ++i) workers.next();
  }
}

}  // namespace
}  // namespace tha4
