#include "tha4/base/peak_memory.h"

#include <algorithm>
#include <fstream>
#include <string>

#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace tha4 {
namespace {

/// A size that /proc/self/status lists, in bytes.
std::optional<std::int64_t> process_size(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1)) * 1024;
  }
  return std::nullopt;
}

/// Sets the process's peak resident size to what it is now; whether the system allows that.
bool reset_resident_peak() {
  constexpr const char* kResetPeak = "5";  // Linux, proc_pid_clear_refs(5)
  std::ofstream file("/proc/self/clear_refs");
  file << kResetPeak << std::flush;
  return file.good();
}

const c10::CachingAllocator::Stat& allocated(const c10::CachingDeviceAllocator::DeviceStats& stats) {
  return stats.allocated_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)];
}

}  // namespace

std::optional<std::int64_t> peak_memory_used(c10::Device device) {
  if (!device.is_cuda()) return process_size("VmHWM");
  return allocated(c10::getDeviceAllocator(c10::kCUDA)->getDeviceStats(device.index())).peak;
}

std::optional<std::int64_t> peak_memory_reserved(c10::Device device) {
  if (!device.is_cuda()) return std::nullopt;
  const auto stats = c10::getDeviceAllocator(c10::kCUDA)->getDeviceStats(device.index());
  return stats.reserved_bytes[static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE)].peak;
}

void release_unused_memory(c10::Device device) {
  if (device.is_cuda()) c10::getDeviceAllocator(c10::kCUDA)->emptyCache();
}

PeakMemory::PeakMemory(c10::Device device) : device_(device) {
  if (device_.is_cuda()) {
    at::globalContext().lazyInitDevice(c10::kCUDA);
    auto* allocator = c10::getDeviceAllocator(c10::kCUDA);
    allocator->resetPeakStats(device_.index());
    before_ = allocated(allocator->getDeviceStats(device_.index())).current;
    return;
  }
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
  if (reset_resident_peak()) before_ = process_size("VmRSS");
}

std::optional<std::int64_t> PeakMemory::growth() const {
  if (!before_) return std::nullopt;
  const std::optional<std::int64_t> peak = peak_memory_used(device_);
  if (!peak) return std::nullopt;
  return std::max<std::int64_t>(*peak - *before_, 0);
}

}  // namespace tha4
