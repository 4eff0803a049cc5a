#include "tha4/base/cuda_program.h"

#include <utility>

#include "kernel_compiler.h"
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/base/shared_library.h"

namespace tha4 {
namespace {

// The parts that are used of the CUDA driver API. Statuses are 0 for success.

struct LaunchAttribute {
  int number;
  int padding;
  union {
    int value;
    char room[64];
  };
};

struct LaunchSettings {
  unsigned grid_x, grid_y, grid_z, block_x, block_y, block_z, shared_bytes;
  void* stream;
  LaunchAttribute* attributes;
  unsigned attribute_count;
};

struct Driver {
  int (*get_device)(int* device, int ordinal);
  int (*get_attribute)(int* value, int attribute, int device);
  int (*load_module)(void** module, const void* code);
  int (*get_function)(void** function, void* module, const char* name);
  int (*set_function_attribute)(void* function, int attribute, int value);
  int (*launch)(const LaunchSettings* settings, void* function, void** arguments, void** extra);
  int (*error_text)(int status, const char** text);
};

// Attributes of devices.
constexpr int kMultiprocessors = 16;
constexpr int kMajorCapability = 75;
constexpr int kMinorCapability = 76;
constexpr int kMaxSharedBytes = 97;

// An attribute of launches: whether a kernel may begin before the one before it is over.
constexpr int kProgrammaticSerialization = 6;

// An attribute of functions, which is asked for where a block needs more than kUsualSharedBytes.
constexpr int kMaxDynamicSharedBytes = 8;
constexpr unsigned kUsualSharedBytes = 48 * 1024;

bool load(Driver& driver) {
  const SharedLibrary& library = SharedLibrary::cuda_driver();
  return library.load(driver.get_device, "cuDeviceGet") &&
         library.load(driver.get_attribute, "cuDeviceGetAttribute") &&
         library.load(driver.load_module, "cuModuleLoadData") &&
         library.load(driver.get_function, "cuModuleGetFunction") &&
         library.load(driver.set_function_attribute, "cuFuncSetAttribute") &&
         library.load(driver.launch, "cuLaunchKernelEx") &&
         library.load(driver.error_text, "cuGetErrorString");
}

/// Null where there is no driver.
const Driver* driver() {
  static Driver table{};
  static const bool is_there = load(table);
  return is_there ? &table : nullptr;
}

void check(int status, const std::string& what) {
  if (status == 0) return;
  const char* text = nullptr;
  driver()->error_text(status, &text);
  throw Error("the NVIDIA driver fails to " + what + ": " +
              (text != nullptr ? text : "status " + std::to_string(status)));
}

int attribute_of(c10::Device device, int attribute) {
  int ordinal = 0, value = 0;
  check(driver()->get_device(&ordinal, device.has_index() ? device.index() : 0), "find " + device.str());
  check(driver()->get_attribute(&value, attribute, ordinal), "describe " + device.str());
  return value;
}

int capability_of(c10::Device device) {
  return 10 * attribute_of(device, kMajorCapability) + attribute_of(device, kMinorCapability);
}

/// What the code for \p device is compiled for.
std::string architecture_of(c10::Device device) {
  constexpr int kHopper = 90;  // whose own instructions are asked for by a letter
  const int capability = capability_of(device);
  return std::to_string(capability) + (capability == kHopper ? "a" : "");
}

bool find_out_whether_possible() {
  if (driver() == nullptr || at::detail::getCUDAHooks().deviceCount() == 0) return false;
  if (has_kernel_compiler()) return true;
  spdlog::warn(
      "the library libnvrtc, which comes with LibTorch for CUDA, was not found: without it this project's "
      "own "
      "kernels cannot be used, and training takes about twice as long");
  return false;
}

}  // namespace

/// A program on one device.
class CudaProgram::Module {
 public:
  explicit Module(const std::vector<char>& code) {
    check(driver()->load_module(&module_, code.data()), "load kernels");
  }

  /// \param shared_bytes  that the kernel is launched with
  void* function(const std::string& kernel, unsigned shared_bytes) {
    auto [place, is_new] = functions_.try_emplace(kernel);
    Function& function = place->second;
    if (is_new)
      check(driver()->get_function(&function.handle, module_, kernel.c_str()), "find the kernel " + kernel);
    if (shared_bytes > function.shared_bytes) {
      check(driver()->set_function_attribute(function.handle, kMaxDynamicSharedBytes,
                                             static_cast<int>(shared_bytes)),
            "give the kernel " + kernel + " its shared memory");
      function.shared_bytes = shared_bytes;
    }
    return function.handle;
  }

 private:
  struct Function {
    void* handle = nullptr;
    unsigned shared_bytes = kUsualSharedBytes;  // that it may be launched with
  };

  void* module_ = nullptr;  // lives as long as the process, as the driver's context does
  std::map<std::string, Function> functions_;
};

CudaLimits cuda_limits(c10::Device device) {
  if (!CudaProgram::is_possible()) throw Error("there is no GPU that kernels can be compiled for");
  return {.capability = capability_of(device),
          .multiprocessors = attribute_of(device, kMultiprocessors),
          .shared_bytes = static_cast<std::size_t>(attribute_of(device, kMaxSharedBytes))};
}

CudaProgram::CudaProgram(std::string name, std::string_view source, std::vector<std::string> defines)
    : name_(std::move(name)), source_(source), defines_(std::move(defines)) {}

CudaProgram::~CudaProgram() = default;

bool CudaProgram::has_compiler() {
  return has_kernel_compiler();
}

bool CudaProgram::is_possible() {
  static const bool possible = find_out_whether_possible();
  return possible;
}

std::vector<std::string> CudaProgram::options_for(const std::string& capability) const {
  std::vector<std::string> options{"--std=c++17", "--gpu-architecture=sm_" + capability};
  for (const std::string& define : defines_) options.push_back("--define-macro=" + define);
  return options;
}

std::vector<char> CudaProgram::compile(const std::string& capability) const {
  return compile_kernels(name_, source_, options_for(capability));
}

std::vector<char> CudaProgram::code_for(const std::string& capability, const KernelCache& cache) const {
  std::string key = "NVRTC " + kernel_compiler_version() + "\n";
  for (const std::string& option : options_for(capability)) key += option + "\n";
  return cache.code_of(key + source_, [&] { return compile(capability); });
}

void CudaProgram::compile_for(c10::Device device) const {
  const std::lock_guard lock(mutex_);
  if (modules_.contains(device.index()) || codes_.contains(device.index())) return;
  codes_[device.index()] = code_for(architecture_of(device), KernelCache::of_user());
}

CudaProgram::Module& CudaProgram::module_on(c10::Device device) const {
  std::unique_ptr<Module>& module = modules_[device.index()];
  if (module) return *module;
  const auto compiled = codes_.extract(device.index());
  module = std::make_unique<Module>(compiled ? compiled.mapped()
                                             : code_for(architecture_of(device), KernelCache::of_user()));
  return *module;
}

void* CudaProgram::function_on(c10::Device device, const std::string& kernel, unsigned shared_bytes) const {
  const std::lock_guard lock(mutex_);
  return module_on(device).function(kernel, shared_bytes);
}

void CudaProgram::launch_with(const std::string& kernel, c10::Device device, const CudaGrid& grid,
                              const void* arguments) const {
  const c10::DeviceGuard guard(device);
  void* const function = function_on(device, kernel, grid.shared_bytes);
  const c10::impl::VirtualGuardImpl streams(device.type());
  void* const stream = streams.getStreamNativeHandle(streams.getStream(device));
  void* parameters[] = {const_cast<void*>(arguments)};  // which the driver only reads
  LaunchAttribute early{.number = kProgrammaticSerialization, .padding = 0, .value = 1};
  const LaunchSettings settings{.grid_x = grid.x,
                                .grid_y = grid.y,
                                .grid_z = 1,
                                .block_x = grid.threads,
                                .block_y = 1,
                                .block_z = 1,
                                .shared_bytes = grid.shared_bytes,
                                .stream = stream,
                                .attributes = &early,
                                .attribute_count = grid.begins_early ? 1U : 0U};
  const int status = driver()->launch(&settings, function, parameters, nullptr);
  if (status == 0) return;
  check(status, fmt::format("launch the kernel {} as {}x{} blocks of {} threads and {} bytes", kernel, grid.x,
                            grid.y, grid.threads, grid.shared_bytes));
}

}  // namespace tha4
