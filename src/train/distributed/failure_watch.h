#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <c10/util/intrusive_ptr.h>

namespace c10d {
class Store;
}

namespace tha4 {

/// Watches over the processes of a group, in a thread of its own: shows the others that this one is alive,
/// and hears when one of them fails. A process that waits for one that has failed may wait for ever, so that
/// the watch ends it.
class FailureWatch {
 public:
  /// \param store  where the processes meet; not used by anybody else
  FailureWatch(c10::intrusive_ptr<c10d::Store> store, int rank, int size);
  ~FailureWatch();
  FailureWatch(const FailureWatch&) = delete;
  FailureWatch& operator=(const FailureWatch&) = delete;

  /// Counts an exchange that this process enters.
  void enter_exchange() { exchanges_.fetch_add(1, std::memory_order_relaxed); }

  /// Which process has failed, and why: what was heard, or else who is no longer alive, or else who is
  /// behind. Takes some seconds.
  std::string find_cause();

  /// Tells the others that this process fails. Returns whether it is the first to fail.
  bool announce(const std::string& cause);

 private:
  /// What a process shows of itself.
  struct Sign {
    std::string text;  ///< changes as long as the process lives
    std::int64_t exchanges = 0;
  };

  void watch();
  void look();
  Sign sign_of(int rank);
  std::string find_silent_process();

  const int rank_;
  const int size_;
  c10::intrusive_ptr<c10d::Store> store_;
  std::mutex store_mutex_;
  std::atomic<std::int64_t> exchanges_{0};
  std::int64_t beats_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::string heard_;  ///< of the first process that failed
  std::chrono::steady_clock::time_point heard_at_;
  bool is_meeting_place_lost_ = false;
  bool is_failing_ = false;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace tha4
