#include "tha4/data/batch_feed.h"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <c10/core/DeviceGuard.h>
#include <torch/types.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

PackedTriples pinned(const PackedTriples& packed) {
  std::vector<at::Tensor> tensors = tensors_of(packed);
  for (at::Tensor& tensor : tensors) tensor = tensor.pin_memory();
  return packed_triples(tensors);
}

}  // namespace

BatchFeed::BatchFeed(std::unique_ptr<TripleSource> source, int batch, int ahead, c10::Device device)
    : source_(std::move(source)),
      batch_(batch),
      ahead_(static_cast<std::size_t>(ahead)),
      device_(device),
      position_(source_->position()) {
  start();
}

BatchFeed::~BatchFeed() {
  stop();
}

void BatchFeed::start() {
  stops_ = false;
  thread_ = std::thread([this] { fill(); });
}

void BatchFeed::stop() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  ready_.clear();
}

BatchFeed::Ready BatchFeed::make_ready() {
  Ready ready;
  try {
    std::vector<Triple> triples;
    for (int i = 0; i < batch_; ++i) triples.push_back(source_->next());
    ready.triples = pack(triples);
    if (device_.is_cuda()) ready.triples = pinned(ready.triples);
    ready.position = source_->position();
  } catch (...) {
    ready.failure = std::current_exception();
  }
  return ready;
}

void BatchFeed::fill() {
  // Pinning memory opens the device that is current in this thread.
  std::optional<c10::DeviceGuard> guard;
  if (device_.is_cuda()) guard.emplace(device_);
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stops_ || ready_.size() < ahead_; });
      if (stops_) return;
    }
    Ready ready = make_ready();
    const bool failed = ready.failure != nullptr;
    {
      const std::lock_guard lock(mutex_);
      ready_.push_back(std::move(ready));
    }
    changed_.notify_all();
    if (failed) return;
  }
}

std::optional<PackedTriples> BatchFeed::next_if_ready() {
  {
    const std::lock_guard lock(mutex_);
    if (ready_.empty()) return std::nullopt;
  }
  return next();
}

PackedTriples BatchFeed::next() {
  const auto start = std::chrono::steady_clock::now();
  Ready ready;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !ready_.empty(); });
    if (ready_.front().failure) std::rethrow_exception(ready_.front().failure);
    ready = std::move(ready_.front());
    ready_.pop_front();
  }
  changed_.notify_all();
  waiting_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  position_ = ready.position;
  return std::move(ready.triples);
}

void BatchFeed::restore(const SourcePosition& position) {
  stop();
  source_->restore(position);
  position_ = position;
  start();
}

double BatchFeed::take_waiting_seconds() {
  return std::exchange(waiting_seconds_, 0);
}

}  // namespace tha4
