#include "tha4/base/short_spins.h"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <thread>
#include <vector>

#include "core_contention.h"
#include "parked_threads.h"
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace tha4 {
namespace {

int core_count() {
  return static_cast<int>(std::thread::hardware_concurrency());
}

std::ptrdiff_t thread_count() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                       std::filesystem::directory_iterator{});
}

/// Whether something comes true within half a minute.
bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < 3000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// Three threads for each core, which never rest while one of these lives.
class BusyThreads {
 public:
  BusyThreads() {
    for (int i = 0; i < count(); ++i) {
      threads_.emplace_back([this] {
        while (!are_over_) {
        }
      });
    }
  }
  ~BusyThreads() {
    are_over_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  static int count() { return 3 * core_count(); }

 private:
  std::atomic<bool> are_over_ = false;
  std::vector<std::thread> threads_;
};

TEST(ThreadTimes, ThreadsThatShareCoresWaitForThem) {
  const std::optional<ThreadTimes> before = thread_times();
  if (!before) GTEST_SKIP() << "this kernel does not count how long threads wait for a core";
  const BusyThreads busy;
  EXPECT_TRUE(comes_true([&] {
    const std::optional<ThreadTimes> now = thread_times();
    return now && now->running > before->running + 0.5 && now->waiting > before->waiting + 0.5;
  }));
}

TEST(CoreContention, BeginsWithATenthOfTheTimeAndEndsAfterTenQuietCalls) {
  CoreContention contention;
  ThreadTimes now;
  const auto pass = [&](double running, double waiting) {
    now = {.running = now.running + running, .waiting = now.waiting + waiting};
    return contention.update(now);
  };
  EXPECT_FALSE(pass(0.2, 0.001));
  EXPECT_FALSE(pass(0.2, 0.02));  // 1/11
  EXPECT_TRUE(pass(0.2, 0.03));
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(pass(0.2, 0.001)) << i;
  EXPECT_TRUE(pass(0.2, 0.01));  // begins to count anew
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(pass(0.2, 0.001)) << i;
  EXPECT_FALSE(pass(0.2, 0.001));
}

TEST(CoreContention, IdleThreadsAndThreadsThatHaveEndedTellNothing) {
  CoreContention contention;
  EXPECT_FALSE(contention.update({.running = 10, .waiting = 1}));
  EXPECT_FALSE(contention.update({.running = 10.001, .waiting = 1.2}));
  EXPECT_FALSE(contention.update({.running = 8, .waiting = 0.5}));
  EXPECT_TRUE(contention.update({.running = 8.1, .waiting = 0.6}));
}

TEST(ParkedThreadsTest, AreAsManyAsThereAreCoresAndGoAgain) {
  if (core_count() < 2) GTEST_SKIP() << "one core: nothing spins";
  at::get_num_threads();  // so that LibTorch, and with it libgomp, is there
  const std::ptrdiff_t before = thread_count();
  for (int i = 0; i < 2; ++i) {
    const ParkedThreads parked;
    EXPECT_EQ(thread_count(), before + core_count());
  }
  EXPECT_TRUE(comes_true([&] { return thread_count() == before; }));
}

/// Leaves with whether threads are parked beside busy ones, and the one that looks for them is there.
void exit_after_contention() {
  at::get_num_threads();
  const BusyThreads busy;
  const std::ptrdiff_t before = thread_count();
  shorten_spins_on_shared_cores();
  shorten_spins_on_shared_cores();
  std::_Exit(comes_true([&] { return thread_count() == before + 1 + core_count(); }) ? 0 : 1);
}

void exit_with_new_threads() {
  const std::ptrdiff_t before = thread_count();
  shorten_spins_on_shared_cores();
  std::_Exit(static_cast<int>(thread_count() - before));
}

// Once per process, hence processes of their own.
TEST(ShortSpinsDeathTest, ThreadsAreParkedWhereOthersWantTheCores) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  ::unsetenv("OMP_WAIT_POLICY");
  ::unsetenv("GOMP_SPINCOUNT");
  if (core_count() < 2) GTEST_SKIP() << "one core: nothing spins";
  EXPECT_EXIT(exit_after_contention(), testing::ExitedWithCode(0), "");
}

TEST(ShortSpinsDeathTest, AUsersOwnSettingIsLeftAlone) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}) {
    ::setenv(name, "1000", 1);
    EXPECT_EXIT(exit_with_new_threads(), testing::ExitedWithCode(0), "");
    ::unsetenv(name);
  }
}

/// What the next test begins.
TEST(RestartedProgram, DISABLED_HasTheSetting) {
  const char* const spins = std::getenv("GOMP_SPINCOUNT");
  ASSERT_NE(spins, nullptr);
  EXPECT_STREQ(spins, "10000");
  char none[] = "";
  char* arguments[] = {none, nullptr};
  restart_with_short_spins(arguments);  // returns
}

TEST(ShortSpinsDeathTest, AProgramIsBegunAgainOnce) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  ::unsetenv("OMP_WAIT_POLICY");
  ::unsetenv("GOMP_SPINCOUNT");
  if (core_count() < 2) GTEST_SKIP() << "one core: nothing spins";
  const auto restart = [] {
    char program[] = "test_base", filter[] = "--gtest_filter=RestartedProgram.*",
         all[] = "--gtest_also_run_disabled_tests";
    char* arguments[] = {program, filter, all, nullptr};
    restart_with_short_spins(arguments);
    std::exit(2);
  };
  EXPECT_EXIT(restart(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace tha4
