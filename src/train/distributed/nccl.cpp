#include "nccl.h"

#include <filesystem>
#include <string>

#include "nccl_library.h"
#include <dlfcn.h>
#include <torch/csrc/distributed/c10d/Backend.hpp>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// The library is linked with LibTorch's CUDA library, which commands that stay on the CPU do without. It
/// lies beside the commands in a build folder, and in lib/ beside their bin/ where they are installed.
void* load_library() {
  std::error_code failure;
  const fs::path folder = fs::read_symlink("/proc/self/exe", failure).parent_path();
  for (const fs::path& file : {folder / kNcclLibrary, folder.parent_path() / "lib" / kNcclLibrary}) {
    if (!fs::exists(file, failure)) continue;
    if (void* const library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_GLOBAL)) return library;
    throw InputError("several processes on GPUs need " + file.string() +
                     ", which cannot be loaded: " + ::dlerror());
  }
  throw InputError(
      "several processes on GPUs need " + std::string(kNcclLibrary) +
      ", without which this project was built; build it with a LibTorch for CUDA and the headers "
      "of NCCL and CUDA, or use --device cpu");
}

}  // namespace

c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size,
                                            c10::Device device, std::chrono::milliseconds timeout) {
  static void* const library = load_library();
  const auto make = reinterpret_cast<MakeNccl*>(::dlsym(library, kMakeNccl));
  if (make == nullptr) {
    throw Error(std::string(kNcclLibrary) + " is of another build; build the project again");
  }
  return c10::intrusive_ptr<c10d::Backend>::reclaim(make(store, rank, size, device.index(), timeout.count()));
}

}  // namespace tha4
