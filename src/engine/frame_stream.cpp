#include "tha4/engine/frame_stream.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

constexpr std::size_t kTimedFrames = 1000;

/// The least value that \p fraction of \p values do not exceed.
double quantile(std::vector<float> values, double fraction) {
  if (values.empty()) return 0;
  const auto rank = static_cast<std::ptrdiff_t>(std::ceil(fraction * static_cast<double>(values.size()))) - 1;
  const auto place = values.begin() + std::max<std::ptrdiff_t>(rank, 0);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

}  // namespace

FrameStream::FrameStream(std::unique_ptr<FramePainter> painter, const FrameStreamOptions& options)
    : painter_(std::move(painter)), options_(options) {
  check_window(options_.window);
  const Region& region = options_.window.region;
  for (Buffer& buffer : buffers_) {
    buffer.pixels.resize(static_cast<std::size_t>(region.width) * static_cast<std::size_t>(region.height) *
                         4);
    buffer.frame.width = region.width;
    buffer.frame.height = region.height;
    buffer.frame.pixels = buffer.pixels;
  }
  times_.reserve(kTimedFrames);
  worker_ = std::thread([this] { work(); });
}

FrameStream::~FrameStream() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  submitted_.notify_all();
  worker_.join();
}

void FrameStream::submit(const Pose& pose) {
  check_pose(pose, "the pose");
  {
    const std::lock_guard lock(mutex_);
    if (waiting_) ++replaced_;
    waiting_ = pose;
    waiting_since_ = std::chrono::steady_clock::now();
  }
  submitted_.notify_one();
}

void FrameStream::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    submitted_.wait(lock, [this] { return is_over_ || waiting_; });
    if (is_over_) return;
    const Pose pose = *waiting_;
    const StreamFrame::Time submitted = waiting_since_;
    waiting_.reset();
    lock.unlock();
    std::exception_ptr failure;
    try {
      paint(pose, submitted);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) {
      failure_ = failure;
    } else {
      StreamFrame& frame = hidden_->frame;
      const Times times{static_cast<float>(frame.painting_ms()), static_cast<float>(frame.latency_ms())};
      if (times_.size() < kTimedFrames) {
        times_.push_back(times);
      } else {
        times_[frames_ % kTimedFrames] = times;
      }
      frame.number = ++frames_;
      std::swap(hidden_, ready_);
      is_newer_ = true;
    }
    finished_.notify_all();
  }
}

void FrameStream::paint(const Pose& pose, StreamFrame::Time submitted) {
  StreamFrame& frame = hidden_->frame;
  frame.pose = pose;
  frame.submitted = submitted;
  frame.begun = std::chrono::steady_clock::now();
  painter_->paint(pose, options_.window, options_.alpha, hidden_->pixels.data());
  frame.finished = std::chrono::steady_clock::now();
}

void FrameStream::throw_failure() {
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

const StreamFrame* FrameStream::latest() {
  const std::lock_guard lock(mutex_);
  throw_failure();
  if (is_newer_) std::swap(ready_, shown_);
  is_newer_ = false;
  return shown_->frame.number > 0 ? &shown_->frame : nullptr;
}

const StreamFrame* FrameStream::wait(std::chrono::milliseconds timeout) {
  {
    std::unique_lock lock(mutex_);
    if (!finished_.wait_for(lock, timeout, [this] { return is_newer_ || failure_; })) return nullptr;
  }
  return latest();
}

FrameStreamStatistics FrameStream::statistics() const {
  std::vector<float> painting, latency;
  FrameStreamStatistics statistics;
  {
    const std::lock_guard lock(mutex_);
    statistics.frames = frames_;
    statistics.replaced = replaced_;
    for (const Times& times : times_) {
      painting.push_back(times.painting);
      latency.push_back(times.latency);
    }
  }
  statistics.painting_median = quantile(painting, 0.5);
  statistics.painting_p99 = quantile(std::move(painting), 0.99);
  statistics.latency_median = quantile(latency, 0.5);
  statistics.latency_p99 = quantile(std::move(latency), 0.99);
  return statistics;
}

}  // namespace tha4
