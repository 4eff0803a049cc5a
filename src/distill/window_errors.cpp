#include "window_errors.h"

#include <memory>
#include <string>

#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/types.h>

namespace tha4 {
namespace {

/// Fetches that are under way while steps are planned: those of the steps that may still run.
constexpr std::size_t kUnderWay = 1;

/// What a fetch counts for at the next one; of a frame's own cells, at the next one that has them.
constexpr double kDecay = 0.9, kFrameDecay = 0.5;

constexpr const char* kRunning = "running";
const std::string kFetched = "fetched_";

}  // namespace

WindowErrors::WindowErrors(c10::Device device, const ErrorCells& cells)
    : cells_(cells),
      sums_(torch::zeros({cells.frames * cells.across * cells.across, 2},
                         torch::dtype(torch::kLong).device(device))) {
  restore(StateDict());
}

unsigned long long* WindowErrors::sums() const {
  return reinterpret_cast<unsigned long long*>(sums_.data_ptr<std::int64_t>());
}

void WindowErrors::fetch(const BatchShare& share) {
  share.sum(sums_);
  Fetched fetched{torch::empty(sums_.sizes(), torch::dtype(torch::kLong).pinned_memory(true)), nullptr};
  fetched.sums.copy_(sums_, /*non_blocking=*/true);
  sums_.zero_();
  fetched.is_there = std::make_unique<c10::Event>(sums_.device().type());
  fetched.is_there->record(c10::impl::VirtualGuardImpl(sums_.device().type()).getStream(sums_.device()));
  fetched_.push_back(std::move(fetched));
}

void WindowErrors::add(const at::Tensor& sums) {
  const at::Tensor now = sums.to(torch::kFloat64);
  if (cells_.frames == 1) {
    running_ = kDecay * running_ + now;
  } else {
    running_ = torch::where(now.narrow(1, 1, 1) > 0, kFrameDecay * running_ + now, running_);
  }
}

at::Tensor WindowErrors::map() {
  while (fetched_.size() > kUnderWay) {
    if (fetched_.front().is_there) fetched_.front().is_there->synchronize();
    add(fetched_.front().sums);
    fetched_.pop_front();
  }
  const at::Tensor all = running_.view({cells_.frames, cells_.across, cells_.across, 2});
  const at::Tensor errors = all.select(3, 0), pixels = all.select(3, 1);
  if (pixels.sum().item<double>() == 0) return {};
  // Of a frame's cell that no window has been in, other frames may tell; of others, nothing is known.
  const auto means = [](const at::Tensor& sums, const at::Tensor& counts, const at::Tensor& otherwise) {
    return torch::where(counts > 0, sums / counts.clamp_min(1e-9), otherwise);
  };
  const at::Tensor of_all = means(errors.sum(0), pixels.sum(0), errors.sum() / pixels.sum());
  return means(errors, pixels, of_all);
}

StateDict WindowErrors::state() const {
  StateDict state;
  state.insert(kRunning, running_);
  for (std::size_t i = 0; i < fetched_.size(); ++i) {
    if (fetched_[i].is_there) fetched_[i].is_there->synchronize();
    state.insert(kFetched + std::to_string(i), fetched_[i].sums);
  }
  return state;
}

void WindowErrors::restore(const StateDict& state) {
  sums_.zero_();
  fetched_.clear();
  const auto found = [&](const std::string& key) {
    const torch::Tensor* sums = state.find(key);
    return sums != nullptr && sums->sizes() == sums_.sizes() ? sums : nullptr;
  };
  const torch::Tensor* const running = found(kRunning);
  running_ = running == nullptr ? torch::zeros(sums_.sizes(), torch::kFloat64)
                                : running->to(torch::kCPU, torch::kFloat64).clone();
  while (const torch::Tensor* sums = found(kFetched + std::to_string(fetched_.size()))) {
    fetched_.push_back({sums->to(torch::kCPU, torch::kLong).contiguous(), nullptr});
  }
}

}  // namespace tha4
