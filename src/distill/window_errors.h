#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

#include "tha4/distributed/batch_share.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// The cells in which errors are counted.
struct ErrorCells {
  std::int64_t frames = 1;  ///< that have cells of their own; 1: all frames share them
  int across = 0;           ///< along a side of the frame
};

/// How much a student errs in each cell of the frame, or of each frame, as its steps on a GPU go on. Kernels
/// add up whole numbers, so that their order does not matter. Each fetch is used one later, so that nobody
/// waits for the GPU.
class WindowErrors {
 public:
  WindowErrors(c10::Device device, const ErrorCells& cells);

  const ErrorCells& cells() const { return cells_; }

  /// Where kernels add, in memory of the device: for each cell, errors (kernels::BodyLoss) and pixels.
  unsigned long long* sums() const;

  /// Queues that what kernels of all processes added since the last call comes to the CPU.
  void fetch(const BatchShare& share = {});

  /// The present map, float64 [frames, across, across], from all fetches but the last one, of which older
  /// ones count less; undefined before there are any.
  at::Tensor map();

  StateDict state() const;

  /// Goes back to what state() gave; to the beginning where \p state is empty.
  void restore(const StateDict& state);

 private:
  struct Fetched {
    at::Tensor sums;  ///< on the CPU
    std::unique_ptr<c10::Event> is_there;
  };

  void add(const at::Tensor& sums);

  ErrorCells cells_;
  at::Tensor sums_, running_;  ///< [all cells, 2]
  std::deque<Fetched> fetched_;
};

}  // namespace tha4
