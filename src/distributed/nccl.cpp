#include "nccl.h"

#include <string>

#include "nccl_library.h"
#include <torch/csrc/distributed/c10d/Backend.hpp>

#include "tha4/base/companion_library.h"
#include "tha4/base/error.h"

namespace tha4 {

c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                            c10::Device device, std::chrono::milliseconds timeout) {
  // Linked with LibTorch's CUDA library, which commands that stay on the CPU do without.
  static void* const library = load_companion_library(kNcclLibrary);
  if (library == nullptr) {
    throw InputError(
        "several processes on GPUs need " + std::string(kNcclLibrary) +
            ", without which this project was built; build it with a LibTorch for CUDA and the headers "
            "of NCCL and CUDA",
        Remedy::compute_on_cpu);
  }
  const auto make = reinterpret_cast<MakeNccl*>(companion_function(library, kNcclLibrary, kMakeNccl));
  return c10::intrusive_ptr<c10d::Backend>::reclaim(make(store, rank, size, device.index(), timeout.count()));
}

}  // namespace tha4
