#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace tha4 {

/// Threads that work off tasks ahead of a consumer, who gets the results in the order of the tasks.
///
/// Destroying the object waits for the tasks that are being worked on and drops what is ready.
template <class Task, class Result>
class OrderedWorkers {
 public:
  /// Gives the next task, or nothing after the last one. Called by one thread at a time, in order.
  using NextTask = std::function<std::optional<Task>()>;
  using Work = std::function<Result(const Task&)>;

  /// \param ahead      at most so many tasks are begun or done whose results were not taken
  /// \param make_work  called by each thread for itself; what it returns is used and destroyed there
  OrderedWorkers(int threads, int ahead, NextTask next_task, std::function<Work()> make_work)
      : ahead_(static_cast<std::size_t>(ahead)),
        next_task_(std::move(next_task)),
        make_work_(std::move(make_work)) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }

  ~OrderedWorkers() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    room_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  OrderedWorkers(const OrderedWorkers&) = delete;
  OrderedWorkers& operator=(const OrderedWorkers&) = delete;

  /// The result of the next task; nothing after the last one. Throws what working on it, or making the next
  /// task, threw.
  std::optional<Result> next() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return slots_.empty() ? exhausted_ : slots_.front()->done; });
    if (slots_.empty()) return std::nullopt;
    const std::shared_ptr<Slot> slot = std::move(slots_.front());
    slots_.pop_front();
    lock.unlock();
    room_.notify_one();
    if (slot->failure) std::rethrow_exception(slot->failure);
    return std::move(slot->result);
  }

 private:
  struct Slot {
    bool done = false;
    std::optional<Result> result;
    std::exception_ptr failure;
  };

  void run() {
    Work work;
    while (true) {
      std::unique_lock lock(mutex_);
      room_.wait(lock, [&] { return stopping_ || exhausted_ || slots_.size() < ahead_; });
      if (stopping_ || exhausted_) return;
      const auto slot = std::make_shared<Slot>();
      std::optional<Task> task;
      try {
        task = next_task_();
      } catch (...) {
        slot->failure = std::current_exception();
      }
      if (!task) exhausted_ = true;
      if (task || slot->failure) slots_.push_back(slot);
      lock.unlock();
      if (!task) room_.notify_all();
      if (task) complete(*slot, *task, work);
      lock.lock();
      slot->done = true;
      lock.unlock();
      ready_.notify_all();
    }
  }

  void complete(Slot& slot, const Task& task, Work& work) const {
    try {
      if (!work) work = make_work_();
      slot.result = work(task);
    } catch (...) {
      slot.failure = std::current_exception();
    }
  }

  std::size_t ahead_;
  NextTask next_task_;
  std::function<Work()> make_work_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable ready_;
  std::deque<std::shared_ptr<Slot>> slots_;
  bool exhausted_ = false;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace tha4
