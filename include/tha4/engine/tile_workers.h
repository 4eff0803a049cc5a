#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace tha4 {

/// Threads that share out the tiles of a picture. They sleep between pictures instead of spinning, and take
/// tiles one by one, so that a thread that another program keeps from running delays a frame by one tile, not
/// by its share.
class TileWorkers {
 public:
  /// \param threads  that work, the calling one included; at least 1
  explicit TileWorkers(int threads);
  ~TileWorkers();
  TileWorkers(const TileWorkers&) = delete;
  TileWorkers& operator=(const TileWorkers&) = delete;

  int threads() const { return static_cast<int>(threads_.size()) + 1; }

  /// Calls work(task, thread) for all tasks from 0 to below \p count, each once, and returns when all are
  /// done; what one of them throws is thrown on then. `thread` is from 0 to below threads(). Of calls from
  /// several threads, one is done after the other; work must not call run() itself.
  void run(std::int64_t count, const std::function<void(std::int64_t task, int thread)>& work);

 private:
  struct Job;

  void serve(int thread);
  static void take_tasks(Job& job, int thread);

  std::mutex calls_;  ///< of run(), one at a time
  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable ended_;
  Job* job_ = nullptr;        ///< what is to be done
  std::uint64_t number_ = 0;  ///< of jobs so far
  int busy_ = 0;              ///< threads that are at the job
  bool is_over_ = false;
  std::vector<std::thread> threads_;
};

/// As many threads as LibTorch uses: one for each core that this process may use, or OMP_NUM_THREADS.
int usual_threads();

/// Makes LibTorch, and with it usual_threads(), use \p threads from now on; at least 1.
void use_threads(int threads);

}  // namespace tha4
