#include "window_errors.h"

#include <memory>
#include <string>

#include "window_places.h"
#include <c10/core/impl/VirtualGuardImpl.h>
#include <torch/types.h>

namespace tha4 {
namespace {

/// Fetches that are under way while steps are planned: those of the steps that may still run.
constexpr std::size_t kUnderWay = 1;

/// What a fetch counts for at the next one.
constexpr double kDecay = 0.9;

constexpr const char* kRunning = "running";
const std::string kFetched = "fetched_";

}  // namespace

WindowErrors::WindowErrors(c10::Device device)
    : sums_(torch::zeros({kCells * kCells, 2}, torch::dtype(torch::kLong).device(device))) {
  restore(StateDict());
}

unsigned long long* WindowErrors::sums() const {
  return reinterpret_cast<unsigned long long*>(sums_.data_ptr<std::int64_t>());
}

void WindowErrors::fetch() {
  Fetched fetched{torch::empty(sums_.sizes(), torch::dtype(torch::kLong).pinned_memory(true)), nullptr};
  fetched.sums.copy_(sums_, /*non_blocking=*/true);
  sums_.zero_();
  fetched.is_there = std::make_unique<c10::Event>(sums_.device().type());
  fetched.is_there->record(c10::impl::VirtualGuardImpl(sums_.device().type()).getStream(sums_.device()));
  fetched_.push_back(std::move(fetched));
}

void WindowErrors::add(const at::Tensor& sums) {
  running_ = kDecay * running_ + sums.to(torch::kFloat64);
}

at::Tensor WindowErrors::map() {
  while (fetched_.size() > kUnderWay) {
    if (fetched_.front().is_there) fetched_.front().is_there->synchronize();
    add(fetched_.front().sums);
    fetched_.pop_front();
  }
  const at::Tensor errors = running_.select(1, 0), pixels = running_.select(1, 1);
  if (pixels.sum().item<double>() == 0) return {};
  // Of cells that no window has been in, nothing is known.
  const at::Tensor mean = errors.sum() / pixels.sum();
  return torch::where(pixels > 0, errors / pixels.clamp_min(1e-9), mean).view({kCells, kCells});
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
