#pragma once

#include <ATen/Parallel.h>

namespace tha4 {

/// While one lives, LibTorch's operations of this thread are done by it alone: its other threads spin for a
/// while after each operation, which takes the processor from ours, and small operations are slower by them.
class SingleThread {
 public:
  SingleThread() : before_(at::get_num_threads()) {
    if (before_ != 1) at::set_num_threads(1);
  }
  ~SingleThread() {
    if (before_ != 1) at::set_num_threads(before_);
  }
  SingleThread(const SingleThread&) = delete;
  SingleThread& operator=(const SingleThread&) = delete;

 private:
  int before_;
};

}  // namespace tha4
