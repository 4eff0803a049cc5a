#include "tha4/base/short_spins.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "core_contention.h"
#include "parked_threads.h"
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

/// Another process with as many of them.
class BusyProcess {
 public:
  BusyProcess() : id_(::fork()) {
    if (id_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // so that it never outlives a test that was killed
    const BusyThreads threads;
    for (;;) ::pause();
  }
  ~BusyProcess() {
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
  }
  BusyProcess(const BusyProcess&) = delete;
  BusyProcess& operator=(const BusyProcess&) = delete;

 private:
  pid_t id_;
};

/// \return nothing where this kernel does not count how long threads wait for a core, or what cores do
std::optional<CoreTimes> counted_times() {
  const std::optional<CoreTimes> times = core_times();
  return times && times->busy > 0 ? times : std::nullopt;
}

TEST(CoreTimesTest, ThreadsThatShareCoresWaitForThem) {
  const std::optional<CoreTimes> before = counted_times();
  if (!before) GTEST_SKIP() << "this kernel does not count";
  const BusyThreads busy;
  EXPECT_TRUE(comes_true([&] {
    const std::optional<CoreTimes> now = core_times();
    return now && now->running > before->running + 0.5 && now->waiting > before->waiting + 0.5 &&
           now->busy > before->busy + 0.5;
  }));
}

TEST(CoreTimesTest, WhatOtherProcessesRunIsNotOwn) {
  const std::optional<CoreTimes> before = counted_times();
  if (!before) GTEST_SKIP() << "this kernel does not count";
  const BusyProcess other;
  EXPECT_TRUE(comes_true([&] {
    const std::optional<CoreTimes> now = core_times();
    return now && now->busy - before->busy > 1 && now->running - before->running < 0.5;
  }));
}

/// A contention that is told of one span of time after the other.
class Spans {
 public:
  /// Each in seconds.
  bool pass(double running, double waiting, double others) {
    now_ = {now_.running + running, now_.waiting + waiting, now_.busy + running + others};
    return contention_.update(now_);
  }

 private:
  CoreContention contention_;
  CoreTimes now_;
};

TEST(CoreContention, BeginsWithATenthOfTheTimeAndEndsAfterTenQuietCalls) {
  Spans spans;
  EXPECT_FALSE(spans.pass(0.2, 0.001, 0.1));
  EXPECT_FALSE(spans.pass(0.2, 0.02, 0.1));  // 1/11
  EXPECT_TRUE(spans.pass(0.2, 0.03, 0.1));
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(spans.pass(0.2, 0.001, 0.1)) << i;
  EXPECT_TRUE(spans.pass(0.2, 0.01, 0.1));  // begins to count anew
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(spans.pass(0.2, 0.001, 0.1)) << i;
  EXPECT_FALSE(spans.pass(0.2, 0.001, 0.1));
}

// As those of OpenGL in software are.
TEST(CoreContention, OwnThreadsThatAreMoreThanTheCoresAreNone) {
  Spans spans;
  EXPECT_FALSE(spans.pass(0.4, 0.4, 0));
  EXPECT_FALSE(spans.pass(0.4, 0.4, 0.04));  // 1/11
  EXPECT_TRUE(spans.pass(0.4, 0.4, 0.05));
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(spans.pass(0.4, 0.4, 0.01)) << i;
  EXPECT_FALSE(spans.pass(0.4, 0.4, 0.01));
}

TEST(CoreContention, WaitingAloneDecidesWhereNobodyCountsWhatCoresDo) {
  CoreContention contention;
  EXPECT_TRUE(contention.update({.running = 0.2, .waiting = 0.1, .busy = 0}));
}

TEST(CoreContention, IdleThreadsAndThreadsThatHaveEndedTellNothing) {
  CoreContention contention;
  EXPECT_FALSE(contention.update({.running = 10, .waiting = 1, .busy = 20}));
  EXPECT_FALSE(contention.update({.running = 10.001, .waiting = 1.2, .busy = 21}));
  EXPECT_FALSE(contention.update({.running = 12, .waiting = 0.5, .busy = 25}));
  EXPECT_TRUE(contention.update({.running = 12.1, .waiting = 0.6, .busy = 25.2}));
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
  const BusyProcess other;
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

}  // namespace
}  // namespace tha4
