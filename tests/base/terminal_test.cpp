#include "tha4/base/terminal.h"

#include <chrono>
#include <csignal>
#include <future>
#include <regex>
#include <stop_token>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tha4/base/error.h"
#include "tha4/base/progress.h"

namespace tha4 {
namespace {

/// What \p work shows on the standard error stream, which is a file meanwhile.
template <class Work>
std::string shown(Work work, const TerminalOptions& options = {}) {
  testing::internal::CaptureStderr();
  work(terminal_context(options));
  return testing::internal::GetCapturedStderr();
}

TEST(Terminal, ProgressIsPlainLinesWhereThereIsNoTerminal) {
  const std::string line = shown([](const Context& context) {
    Progress progress(context, "teacher's frames", 10, "frames");
    progress.update(0);
    progress.update(4, "loss 0.5");
    progress.update(10, "loss 0.25");
    progress.finish();
    progress.finish();
  });
  EXPECT_TRUE(std::regex_match(
      line, std::regex("teacher's frames: 10/10 frames, [0-9.e+]+ frames/s, took [0-9]+ s, loss 0.25\n")))
      << line;
}

TEST(Terminal, ProgressShowsHowFarUnfinishedWorkCame) {
  const std::string line = shown([](const Context& context) {
    Progress progress(context, "frames", 10, "frames");
    progress.update(2);
    progress.update(4);
  });
  EXPECT_TRUE(std::regex_match(line, std::regex("frames: 4/10 frames, [0-9.e+]+ frames/s, [^,]+ left\n")))
      << line;
}

TEST(Terminal, ProgressTellsNoRateOfWorkThatAnotherProcessDid) {
  const std::string line = shown([](const Context& context) {
    Progress progress(context, "frames", 10, "frames");
    progress.update(4);
  });
  EXPECT_EQ(line, "frames: 4/10 frames, 0 frames/s\n");
}

TEST(Terminal, WorkThatEndsByTheClockIsNotSaidToTakeLonger) {
  const std::string line = shown([](const Context& context) {
    Progress progress(context, "rotator", std::int64_t{1} << 60, "examples");
    progress.end_by(std::chrono::steady_clock::now());
    progress.update(0);
    progress.update(1);
  });
  EXPECT_TRUE(line.ends_with(", 0 s left\n")) << line;
}

TEST(Terminal, WorkThatIsCountedInPercentSaysTheRestItself) {
  const std::string line = shown([](const Context& context) {
    Progress progress(context, "distilling", 10'000, "%");
    progress.update(0);
    progress.update(4321, "2 min 05 s left, 31.2 dB");
  });
  EXPECT_EQ(line, "distilling: 43 %, 2 min 05 s left, 31.2 dB\n");
}

TEST(Terminal, EveryPieceOfWorkHasALineOfItsOwn) {
  const std::string lines = shown([](const Context& context) {
    Progress(context, "crops", 10, "crops").update(10);
    Progress(context, "frames", 10, "frames").update(10);
  });
  EXPECT_EQ(lines, "crops: 10/10 crops, 0 crops/s, took 0 s\nframes: 10/10 frames, 0 frames/s, took 0 s\n");
}

TEST(Terminal, ShowsNoProgressWhenItIsTurnedOffOrNeverUpdated) {
  EXPECT_EQ(shown([](const Context& context) { const Progress progress(context, "frames", 10, "frames"); }),
            "");
  const auto ten = [](const Context& context) { Progress(context, "frames", 10, "frames").update(10); };
  EXPECT_EQ(shown(ten, {.shows_progress = false}), "");
}

TEST(Terminal, LogsWhatTheLevelLetsThrough) {
  const auto log = [](const Context& context) {
    context.info("well");
    context.warn("not so well");
  };
  EXPECT_EQ(shown(log), "info: well\nwarning: not so well\n");
  EXPECT_EQ(shown(log, {.log_level = "warning"}), "warning: not so well\n");
  EXPECT_THROW(terminal_context({.log_level = "wraning"}), ValueError);
}

TEST(Terminal, ASignalRequestsAStop) {
  const Context context = terminal_context();
  EXPECT_FALSE(context.stop.stop_requested());
  std::promise<void> told;
  const std::stop_callback tell(context.stop, [&] { told.set_value(); });
  std::raise(SIGINT);
  told.get_future().wait();
  EXPECT_TRUE(context.stop.stop_requested());
  EXPECT_TRUE(stop_on_signals().stop_requested());
}

[[noreturn]] void exit_as_told_of_hanging_up() {
  const Context context = terminal_context();
  std::promise<void> told;
  const std::stop_callback tell(context.stop, [&] { told.set_value(); });
  const auto before = std::signal(SIGHUP, SIG_DFL);
  std::signal(SIGHUP, before);
  if (before == SIG_IGN) std::exit(3);
  std::raise(SIGHUP);
  told.get_future().wait();
  std::exit(4);
}

TEST(TerminalDeathTest, ItsEndRequestsAStopUnlessNobodyMinds) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto before = std::signal(SIGHUP, SIG_DFL);
  EXPECT_EXIT(exit_as_told_of_hanging_up(), testing::ExitedWithCode(4), "");
  std::signal(SIGHUP, SIG_IGN);  // as of nohup, which child processes inherit
  EXPECT_EXIT(exit_as_told_of_hanging_up(), testing::ExitedWithCode(3), "");
  std::signal(SIGHUP, before);
}

// As timeout(1) sends them.
TEST(TerminalDeathTest, SignalsThatComeTogetherRequestOneStop) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto exit_when_stopped = [] {
    const Context context = terminal_context();
    std::promise<void> told;
    const std::stop_callback tell(context.stop, [&] { told.set_value(); });
    std::raise(SIGINT);
    std::raise(SIGINT);
    std::raise(SIGTERM);
    told.get_future().wait();
    std::exit(5);
  };
  EXPECT_EXIT(exit_when_stopped(), testing::ExitedWithCode(5), "");
}

TEST(TerminalDeathTest, ALaterSignalEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto press_twice = [] {
    const std::stop_token stop = stop_on_signals();
    std::raise(SIGINT);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    std::raise(SIGINT);
    std::exit(6);
  };
  EXPECT_EXIT(press_twice(), testing::KilledBySignal(SIGINT), "");
}

TEST(Context, SaysNothingByDefault) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  const Context context;
  Progress(context, "frames", 10, "frames").update(10);
  context.warn("unheard");
  EXPECT_EQ(testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr(), "");
  EXPECT_FALSE(context.stop.stop_requested());
}

}  // namespace
}  // namespace tha4
