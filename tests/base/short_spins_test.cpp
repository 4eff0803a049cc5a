#include "tha4/base/short_spins.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <thread>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace tha4 {
namespace {

std::ptrdiff_t thread_count() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"),
                       std::filesystem::directory_iterator{});
}

/// Leaves with the number of threads that shorten_spins() starts.
void exit_with_new_threads() {
  at::get_num_threads();  // so that LibTorch, and with it libgomp, is there
  const std::ptrdiff_t before = thread_count();
  shorten_spins();
  shorten_spins();
  std::exit(static_cast<int>(thread_count() - before));
}

// Once per process, hence processes of their own.
TEST(ShortSpinsDeathTest, AsManyThreadsSleepAsThereAreCores) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  ::unsetenv("OMP_WAIT_POLICY");
  ::unsetenv("GOMP_SPINCOUNT");
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (cores < 2) GTEST_SKIP() << "one core: nothing spins";
  EXPECT_EXIT(exit_with_new_threads(), testing::ExitedWithCode(cores), "");
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
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "one core: nothing spins";
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
