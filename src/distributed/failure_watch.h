#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <c10/util/intrusive_ptr.h>

namespace c10d {
class Store;
}

namespace tha4 {

/// Watches over the processes of a group, in a thread of its own: shows the others that this one is alive,
/// looks whether the next one is, and hears when one fails. A process that waits for one that has failed, on
/// a GPU, may wait for ever, so that the watch ends it.
class FailureWatch {
 public:
  /// \param store    where the processes meet; not used by anybody else
  /// \param timeout  that one process may keep the others waiting: a silent one counts as dead well before
  FailureWatch(c10::intrusive_ptr<c10d::Store> store, int rank, int size, std::chrono::milliseconds timeout);
  ~FailureWatch();
  FailureWatch(const FailureWatch&) = delete;
  FailureWatch& operator=(const FailureWatch&) = delete;

  /// Counts an exchange that this process enters.
  void enter_exchange() { exchanges_.fetch_add(1, std::memory_order_relaxed); }

  /// Which process has failed, and why: what was heard, or else who is no longer alive. Nothing where all
  /// live and none has failed. Takes some seconds.
  std::optional<std::string> find_failure();

  /// Which process has not come to the exchange that this one is in; nothing where all have.
  std::optional<std::string> find_latecomer();

  /// Tells the others that this process fails. Returns whether it is the first to tell of a failure.
  bool announce(const std::string& cause);

 private:
  using Clock = std::chrono::steady_clock;

  /// What a process shows of itself.
  struct Sign {
    std::string text;  ///< changes as long as the process lives
    std::int64_t exchanges = 0;
  };

  void watch();
  void look();
  void look_after_next_process();
  void hear(const std::string& failure, bool tells_user);
  bool tell(const std::string& cause);
  Sign sign_of(int rank);
  std::optional<std::string> find_silent_process();

  const int rank_;
  const int size_;
  const std::chrono::milliseconds longest_silence_;
  const std::chrono::milliseconds grace_;
  c10::intrusive_ptr<c10d::Store> store_;
  std::mutex store_mutex_;
  std::atomic<std::int64_t> exchanges_{0};

  // Of the watching thread alone:
  std::int64_t beats_ = 0;
  std::string next_sign_;  ///< last seen of the next process
  Clock::time_point next_sign_at_ = Clock::now();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string heard_;  ///< of the first process that failed
  Clock::time_point heard_at_;
  bool tells_user_ = false;  ///< whether it is for this process to say what was heard
  bool is_failing_ = false;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace tha4
