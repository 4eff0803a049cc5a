#include "tha4/engine/tile_workers.h"

#include <atomic>
#include <exception>
#include <utility>

#include <ATen/Parallel.h>

namespace tha4 {

struct TileWorkers::Job {
  std::int64_t count;
  const std::function<void(std::int64_t, int)>& work;
  std::atomic<std::int64_t> next{0};
  std::mutex mutex = {};
  std::exception_ptr failure = {};
};

TileWorkers::TileWorkers(int threads) {
  for (int i = 1; i < threads; ++i) {
    threads_.emplace_back([this, i] { serve(i); });
  }
}

TileWorkers::~TileWorkers() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  begun_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void TileWorkers::run(std::int64_t count, const std::function<void(std::int64_t, int)>& work) {
  const std::lock_guard call(calls_);
  Job job{.count = count, .work = work};
  {
    const std::lock_guard lock(mutex_);
    job_ = &job;
    ++number_;
  }
  begun_.notify_all();
  take_tasks(job, 0);
  // Threads that have not woken up by now are not waited for: nothing is left for them.
  std::unique_lock lock(mutex_);
  job_ = nullptr;
  ended_.wait(lock, [this] { return busy_ == 0; });
  if (job.failure) std::rethrow_exception(job.failure);
}

void TileWorkers::serve(int thread) {
  std::uint64_t served = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    begun_.wait(lock, [&] { return is_over_ || (job_ != nullptr && number_ != served); });
    if (is_over_) return;
    served = number_;
    Job& job = *job_;
    ++busy_;
    lock.unlock();
    take_tasks(job, thread);
    lock.lock();
    if (--busy_ == 0) ended_.notify_all();
  }
}

void TileWorkers::take_tasks(Job& job, int thread) {
  try {
    for (std::int64_t task = job.next++; task < job.count; task = job.next++) job.work(task, thread);
  } catch (...) {
    const std::lock_guard lock(job.mutex);
    if (!job.failure) job.failure = std::current_exception();
    job.next = job.count;
  }
}

int usual_threads() {
  return at::get_num_threads();
}

void use_threads(int threads) {
  at::set_num_threads(threads);
}

}  // namespace tha4
