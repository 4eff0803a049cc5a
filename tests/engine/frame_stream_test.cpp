#include "tha4/engine/frame_stream.h"

#include <algorithm>
#include <stdexcept>

#include "engine/allocation_counter.h"
#include "engine/engine_fixtures.h"
#include <gtest/gtest.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

constexpr FrameWindow kWindow{512, {0, 0, 4, 2}};
constexpr std::chrono::seconds kLong{60};

Pose pose_of(float value) {
  Pose pose{};
  pose[0] = value;
  return pose;
}

/// Lets painters through one by one.
class Gate {
 public:
  /// Lets one painter through, and returns when it has passed.
  void open() {
    std::unique_lock lock(mutex_);
    ++open_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_ == 0; });
  }
  /// Lets through all that are still to come.
  void stay_open() {
    const std::lock_guard lock(mutex_);
    stays_open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_ > 0 || stays_open_; });
    open_ = std::max(open_ - 1, 0);
    --waiting_;
    changed_.notify_all();
  }
  void wait_until_someone_waits() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_ > 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int open_ = 0;
  int waiting_ = 0;
  bool stays_open_ = false;
};

/// Fills a frame with a hundred times the pose's first value; throws for 1.
class GatedPainter final : public FramePainter {
 public:
  explicit GatedPainter(Gate& gate) : gate_(gate) {}

  void paint(const Pose& pose, const FrameWindow& window, AlphaKind, std::uint8_t* pixels) override {
    gate_.pass();
    if (pose[0] == 1) throw std::runtime_error("no frame of 1");
    std::fill_n(pixels, window.region.width * window.region.height * 4,
                static_cast<std::uint8_t>(pose[0] * 100 + 0.5F));
  }

 private:
  Gate& gate_;
};

TEST(FrameStream, PaintsTheLatestPoseOfThoseThatWait) {
  Gate gate;
  FrameStream stream(std::make_unique<GatedPainter>(gate), {.window = kWindow});
  EXPECT_EQ(stream.latest(), nullptr);
  EXPECT_EQ(stream.wait(std::chrono::milliseconds(0)), nullptr);
  stream.submit(pose_of(0.1F));
  gate.wait_until_someone_waits();
  for (const float value : {0.2F, 0.3F, 0.4F}) stream.submit(pose_of(value));
  gate.open();
  const StreamFrame* frame = stream.wait(kLong);
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(frame->number, 1);
  EXPECT_EQ(frame->pose, pose_of(0.1F));
  EXPECT_EQ(frame->pixels.size(), 32);
  EXPECT_EQ(frame->width, 4);
  EXPECT_EQ(frame->height, 2);
  gate.open();
  const StreamFrame* const next = stream.wait(kLong);
  ASSERT_NE(next, nullptr);
  EXPECT_EQ(next->number, 2);
  EXPECT_EQ(next->pixels[31], 40);
  EXPECT_GE(next->latency_ms(), next->painting_ms());
  EXPECT_GE(next->painting_ms(), 0);
  EXPECT_EQ(stream.statistics().frames, 2);
  EXPECT_EQ(stream.statistics().replaced, 2);
}

TEST(FrameStream, LeavesAFrameAloneUntilTheNextIsAskedFor) {
  Gate gate;
  FrameStream stream(std::make_unique<GatedPainter>(gate), {.window = kWindow});
  const auto paint = [&](float value) {
    stream.submit(pose_of(value));
    gate.wait_until_someone_waits();
    gate.open();
  };
  paint(0.1F);
  const StreamFrame* const shown = stream.wait(kLong);
  ASSERT_NE(shown, nullptr);
  for (const float value : {0.2F, 0.3F, 0.4F, 0.5F}) paint(value);
  while (stream.statistics().frames < 5) std::this_thread::yield();
  EXPECT_EQ(shown->pixels[0], 10);
  EXPECT_EQ(shown->number, 1);
  const StreamFrame* const newest = stream.latest();
  EXPECT_EQ(newest->pixels[0], 50);
  EXPECT_EQ(stream.latest(), newest);
  EXPECT_EQ(stream.latest()->number, 5);
}

TEST(FrameStream, TellsTheConsumerWhatWentWrongOnceAndGoesOn) {
  Gate gate;
  FrameStream stream(std::make_unique<GatedPainter>(gate), {.window = kWindow});
  stream.submit(pose_of(1));
  gate.open();
  EXPECT_THROW(stream.wait(kLong), std::runtime_error);
  EXPECT_EQ(stream.latest(), nullptr);
  stream.submit(pose_of(0.5F));
  gate.open();
  ASSERT_NE(stream.wait(kLong), nullptr);
  EXPECT_EQ(stream.latest()->pixels[0], 50);
  EXPECT_THROW(stream.submit(pose_of(7)), InputError);
}

TEST(FrameStream, EndsWhereverItIs) {
  Gate gate;
  { const FrameStream stream(std::make_unique<GatedPainter>(gate)); }
  {
    FrameStream stream(std::make_unique<GatedPainter>(gate), {.window = kWindow});
    stream.submit(pose_of(0.1F));
    gate.wait_until_someone_waits();
    stream.submit(pose_of(0.2F));
    gate.stay_open();
  }
  EXPECT_THROW(FrameStream(std::make_unique<GatedPainter>(gate), {.window = {512, {0, 0, 513, 1}}}),
               InputError);
}

TEST(FrameStream, TakesNoMemoryForAFrame) {
  FrameStream stream(make_painter(small_character(disc(), 0.3), two_workers(), scattered_cells()));
  const std::vector<Pose> poses = sample_poses(PoseDistribution::uniform, 8, 2);
  stream.submit(poses[0]);
  ASSERT_NE(stream.wait(kLong), nullptr);
  const std::int64_t before = allocations_so_far();
  for (const Pose& pose : poses) {
    stream.submit(pose);
    ASSERT_NE(stream.wait(kLong), nullptr);
  }
  EXPECT_EQ(allocations_so_far() - before, 0);
  EXPECT_EQ(stream.latest()->number, 9);
  const FrameStreamStatistics statistics = stream.statistics();
  EXPECT_GT(statistics.painting_median, 0);
  EXPECT_GE(statistics.painting_p99, statistics.painting_median);
  EXPECT_GE(statistics.latency_p99, statistics.latency_median);
}

TEST(FrameStream, TakesPosesFromManyThreads) {
  FrameStream stream(make_painter(small_character(disc(), 0.3), two_workers()), {.window = kWindow});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&stream, i] {
      for (const Pose& pose : sample_poses(PoseDistribution::natural, 200, static_cast<std::uint64_t>(i))) {
        stream.submit(pose);
      }
    });
  }
  std::uint64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    if (const StreamFrame* const frame = stream.latest()) {
      EXPECT_GE(frame->number, last);
      last = frame->number;
    }
  }
  for (std::thread& thread : threads) thread.join();
  const std::vector<Pose> poses = sample_poses(PoseDistribution::natural, 1, 9);
  stream.submit(poses[0]);
  const StreamFrame* frame = stream.wait(kLong);
  while (frame != nullptr && frame->pose != poses[0]) frame = stream.wait(kLong);
  EXPECT_NE(frame, nullptr);
}

}  // namespace
}  // namespace tha4
