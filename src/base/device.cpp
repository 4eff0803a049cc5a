#include "tha4/base/device.h"

#include <charconv>
#include <string>

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <dlfcn.h>

#include "tha4/base/error.h"
#include "tha4/base/shared_library.h"

namespace tha4 {
namespace {

/// Loads LibTorch's CUDA library, which registers its devices with the library that is already there. It is
/// looked for beside libtorch_cpu, which the linker found by the run path of the program. Returns why it
/// could not be loaded, or nothing.
std::string load_cuda_library() {
  Dl_info info{};
  std::string folder;
  if (::dladdr(reinterpret_cast<void*>(&at::globalContext), &info) != 0 && info.dli_fname != nullptr) {
    folder = info.dli_fname;
    folder.resize(folder.rfind('/') + 1);
  }
  static void* const library = ::dlopen((folder + "libtorch_cuda.so").c_str(), RTLD_NOW | RTLD_GLOBAL);
  if (library == nullptr) return "this LibTorch has no usable CUDA library";
  return {};
}

/// What LibTorch finds of them is another matter: it looks once.
int count_of_driver() {
  const SharedLibrary& library = SharedLibrary::cuda_driver();
  int (*initialize)(unsigned) = nullptr;
  int (*count_devices)(int*) = nullptr;
  int count = 0;
  const bool has_counted = library.load(initialize, "cuInit") &&
                           library.load(count_devices, "cuDeviceGetCount") && initialize(0) == 0 &&
                           count_devices(&count) == 0;
  return has_counted ? count : 0;
}

std::string why_cuda_is_unusable(int index) {
  if (!SharedLibrary::cuda_driver().is_loaded()) return "no NVIDIA driver was found on this machine";
  if (std::string why = load_cuda_library(); !why.empty()) return why;
  const int count = at::detail::getCUDAHooks().deviceCount();
  if (count == 0) {
    return count_of_driver() == 0
               ? "the NVIDIA driver offers no device"
               : "LibTorch looked for GPUs before its CUDA library was there, as torch::manual_seed() "
                 "and modules' random weights do; call parse_device() before them";
  }
  if (index >= count) return "there are only " + std::to_string(count) + " CUDA devices, counted from 0";
  return {};
}

/// The number of the device that "cuda" or "cuda:N" names. Throws InputError for other texts.
int cuda_index(std::string_view text) {
  int index = 0;
  bool well_formed = text == "cuda";
  if (text.starts_with("cuda:")) {
    const std::string_view number = text.substr(5);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), index);
    well_formed = error == std::errc{} && end == number.data() + number.size() && index >= 0 && index < 128;
  }
  if (!well_formed) {
    throw ValueError(std::string(text) + " is not a device; use auto, cpu, cuda or cuda:N");
  }
  return index;
}

c10::Device cuda_device(int index) {
  at::globalContext().setAllowTF32CuDNN(false);
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
}

}  // namespace

Precision parse_precision(std::string_view text) {
  for (const Precision precision : kPrecisions) {
    if (text == precision_name(precision)) return precision;
  }
  throw ValueError(std::string(text) + " is not a precision; use fp32, fp16 or bf16");
}

std::string_view precision_name(Precision precision) {
  if (precision == Precision::fp16) return "fp16";
  return precision == Precision::bf16 ? "bf16" : "fp32";
}

c10::ScalarType scalar_type(Precision precision) {
  switch (precision) {
    case Precision::fp16:
      return c10::ScalarType::Half;
    case Precision::bf16:
      return c10::ScalarType::BFloat16;
    case Precision::fp32:
      break;
  }
  return c10::ScalarType::Float;
}

void check_device_form(std::string_view text) {
  if (text != "cpu" && text != "auto") cuda_index(text);
}

c10::Device parse_device(std::string_view text) {
  if (text == "cpu") return c10::Device(c10::kCPU);
  if (text == "auto") {
    return why_cuda_is_unusable(0).empty() ? cuda_device(0) : c10::Device(c10::kCPU);
  }
  const int index = cuda_index(text);
  if (const std::string why = why_cuda_is_unusable(index); !why.empty()) {
    throw ValueError(std::string(text) + " cannot be used: " + why, Remedy::compute_on_cpu);
  }
  return cuda_device(index);
}

void synchronize(c10::Device device) {
  if (device.is_cuda()) at::detail::getCUDAHooks().deviceSynchronize(device.index());
}

}  // namespace tha4
