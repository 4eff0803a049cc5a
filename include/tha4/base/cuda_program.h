#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <c10/core/Device.h>

#include "tha4/base/kernel_cache.h"

namespace tha4 {

/// How often a kernel runs: blocks of a grid, and threads of a block.
struct CudaGrid {
  unsigned x = 1;
  unsigned y = 1;
  unsigned threads = 1;
  unsigned shared_bytes = 0;  ///< of shared memory that a block has besides what its kernel declares
  /// Whether the kernel may begin before what was queued last is over: it waits by itself, and lets others
  /// begin (`griddepcontrol`), which CudaLimits::has_early_launches() is about.
  bool begins_early = false;
};

/// What kernels are laid out for.
struct CudaLimits {
  int capability = 0;  ///< 90 for compute capability 9.0
  int multiprocessors = 0;
  std::size_t shared_bytes = 0;  ///< that a block can have

  /// Whether launches may begin early, see CudaGrid.
  bool has_early_launches() const { return capability >= 90; }
};

/// The limits of a GPU. Throws Error where CudaProgram::is_possible() is false.
CudaLimits cuda_limits(c10::Device device);

/// Kernels in CUDA C++, compiled when they are first launched, for the GPU that is there, by the NVRTC
/// library that comes with LibTorch for CUDA: neither building nor running them takes a CUDA toolkit. What
/// was compiled is kept for later starts, see KernelCache::of_user(). The text includes no headers and
/// declares its kernels extern "C". Safe to use from several threads.
class CudaProgram {
 public:
  /// Compiles nothing yet.
  /// \param name     for messages
  /// \param defines  macros, as "NAME=value"
  CudaProgram(std::string name, std::string_view source, std::vector<std::string> defines);
  ~CudaProgram();
  CudaProgram(const CudaProgram&) = delete;
  CudaProgram& operator=(const CudaProgram&) = delete;

  /// Whether this machine has what compiling and launching take. Where LibTorch finds a GPU but NVRTC is
  /// missing, the first call says so in the log.
  static bool is_possible();

  /// Queues a kernel on the stream that LibTorch uses on \p device now. Throws Error when the text does not
  /// compile or the driver refuses.
  /// \param arguments  the kernel's one parameter: a struct that the program's text declares as well, with
  ///                   the kernel's name as its constant kKernel
  template <class Arguments>
  void launch(c10::Device device, const CudaGrid& grid, const Arguments& arguments) const {
    static_assert(std::is_trivially_copyable_v<Arguments>);
    launch_with(Arguments::kKernel, device, grid, &arguments);
  }

  /// Compiles for \p device what the first launch would otherwise. Several programs can be compiled at the
  /// same time, by a thread each. Throws Error when the text does not compile.
  void compile_for(c10::Device device) const;

  /// The machine code for GPUs of a compute capability ("90" for 9.0, "90a" with what only that one has).
  /// Needs no GPU. Throws Error with the compiler's messages when the text does not compile.
  std::vector<char> compile(const std::string& capability) const;

  /// The same as it is kept in \p cache, where it is compiled and kept first unless it is there.
  std::vector<char> code_for(const std::string& capability, const KernelCache& cache) const;

  /// Whether compile() can be called: NVRTC is there, with or without a GPU.
  static bool has_compiler();

 private:
  class Module;

  std::vector<std::string> options_for(const std::string& capability) const;
  void launch_with(const std::string& kernel, c10::Device device, const CudaGrid& grid,
                   const void* arguments) const;
  void* function_on(c10::Device device, const std::string& kernel, unsigned shared_bytes) const;
  Module& module_on(c10::Device device) const;

  std::string name_;
  std::string source_;
  std::vector<std::string> defines_;
  mutable std::mutex mutex_;
  mutable std::map<c10::DeviceIndex, std::vector<char>> codes_;  ///< that wait for the first launch
  mutable std::map<c10::DeviceIndex, std::unique_ptr<Module>> modules_;
};

}  // namespace tha4
