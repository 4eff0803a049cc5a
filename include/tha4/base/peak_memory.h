#pragma once

#include <cstdint>
#include <optional>

#include <c10/core/Device.h>

namespace tha4 {

/// The most bytes that have been in use so far: on a CUDA device what LibTorch's allocator has handed out
/// there since the last PeakMemory was made, on the CPU the resident size of the process. Nothing where the
/// system does not tell.
std::optional<std::int64_t> peak_memory_used(c10::Device device);

/// What LibTorch's allocator has taken of a CUDA device, at most, since the last PeakMemory was made; with
/// what it keeps for later and the driver's own half of a GiB, the device's tools say about as much. Nothing
/// for the CPU.
std::optional<std::int64_t> peak_memory_reserved(c10::Device device);

/// Gives memory of a CUDA device back that LibTorch keeps for later; of no effect on the CPU.
void release_unused_memory(c10::Device device);

/// The most memory that work needs. On a CUDA device it is what LibTorch's allocator has handed out there; on
/// the CPU it is the resident size of the whole process, to the page, so let the work run once beforehand:
/// the first call also reads program code into memory. One at a time in a process.
class PeakMemory {
 public:
  /// Starts to watch \p device. On the CPU, memory that was freed and kept goes back to the system, so that
  /// using it again counts.
  explicit PeakMemory(c10::Device device);

  /// The most bytes that were in use since the construction, beyond those in use then; nothing where the
  /// system does not tell.
  std::optional<std::int64_t> growth() const;

 private:
  c10::Device device_;
  std::optional<std::int64_t> before_;
};

}  // namespace tha4
