#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <c10/core/Device.h>

#include "tha4/data/packed_triples.h"
#include "tha4/data/triple_source.h"

namespace tha4 {

/// Takes batches from a source ahead of time, in a thread of its own, and keeps them where they are quickly
/// moved to a device.
class BatchFeed {
 public:
  /// \param batch  triples at a time
  /// \param ahead  batches that are kept ready
  BatchFeed(std::unique_ptr<TripleSource> source, int batch, int ahead, c10::Device device);
  ~BatchFeed();
  BatchFeed(const BatchFeed&) = delete;
  BatchFeed& operator=(const BatchFeed&) = delete;

  /// The next batch, on the CPU. Throws what the source throws.
  PackedTriples next();

  /// Likewise, without waiting: nothing where no batch is ready.
  std::optional<PackedTriples> next_if_ready();

  /// Where the source stands for whoever has taken the batches so far.
  SourcePosition position() const { return position_; }

  /// Throws InputError if \p position is one of another sequence.
  void restore(const SourcePosition& position);

  /// The seconds that next() has waited since this was last asked.
  double take_waiting_seconds();

 private:
  struct Ready {
    PackedTriples triples;
    SourcePosition position;
    std::exception_ptr failure;
  };

  void start();
  void stop();
  void fill();
  Ready make_ready();

  std::unique_ptr<TripleSource> source_;
  const int batch_;
  const std::size_t ahead_;
  const c10::Device device_;
  SourcePosition position_;
  double waiting_seconds_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Ready> ready_;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace tha4
