#include "kernel_compiler.h"

#include <filesystem>
#include <optional>

#include <ATen/Context.h>
#include <dlfcn.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include "tha4/base/error.h"
#include "tha4/base/shared_library.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

/// The parts of NVRTC that are used. Statuses are 0 for success.
struct Compiler {
  int (*create)(void** program, const char* source, const char* name, int headers, const char* const* texts,
                const char* const* names);
  int (*compile)(void* program, int count, const char* const* options);
  int (*log_size)(void* program, std::size_t* size);
  int (*log)(void* program, char* text);
  int (*code_size)(void* program, std::size_t* size);
  int (*code)(void* program, char* code);
  int (*destroy)(void** program);
  int (*version)(int* major, int* minor);
};

/// The folder of LibTorch's libraries.
fs::path torch_folder() {
  Dl_info info{};
  if (::dladdr(reinterpret_cast<void*>(&at::globalContext), &info) == 0 || info.dli_fname == nullptr)
    return {};
  return fs::path(info.dli_fname).parent_path();
}

/// NVRTC asks for its own headers by the name of a library that lies beside it, where the system does not
/// look on machines without a CUDA toolkit: it is loaded first.
void load_built_in_headers(const fs::path& folder) {
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (!entry.path().filename().string().starts_with("libnvrtc-builtins.so")) continue;
    const SharedLibrary loaded(entry.path().string());
  }
}

/// NVRTC lies beside LibTorch in its archives, and in a package of its own beside LibTorch's wheel. The first
/// of these is LibTorch's own way to it, which can be loaded only where there is a driver.
std::optional<SharedLibrary> open_compiler() {
  const fs::path folder = torch_folder();
  const fs::path packages = folder.parent_path().parent_path() / "nvidia";
  for (const fs::path& place : {folder, packages / "cu13/lib", packages / "cuda_nvrtc/lib"}) {
    load_built_in_headers(place);
  }
  for (const fs::path& file : {folder / "libcaffe2_nvrtc.so", packages / "cu13/lib/libnvrtc.so.13",
                               packages / "cuda_nvrtc/lib/libnvrtc.so.12", fs::path("libnvrtc.so.13"),
                               fs::path("libnvrtc.so.12"), fs::path("libnvrtc.so")}) {
    const SharedLibrary library(file.string());
    decltype(Compiler::compile) compile = nullptr;
    if (library.load(compile, "nvrtcCompileProgram")) return library;
  }
  return std::nullopt;
}

bool load(Compiler& compiler) {
  const auto library = open_compiler();
  return library && library->load(compiler.create, "nvrtcCreateProgram") &&
         library->load(compiler.compile, "nvrtcCompileProgram") &&
         library->load(compiler.log_size, "nvrtcGetProgramLogSize") &&
         library->load(compiler.log, "nvrtcGetProgramLog") &&
         library->load(compiler.code_size, "nvrtcGetCUBINSize") &&
         library->load(compiler.code, "nvrtcGetCUBIN") &&
         library->load(compiler.destroy, "nvrtcDestroyProgram") &&
         library->load(compiler.version, "nvrtcVersion");
}

/// Null where there is no NVRTC.
const Compiler* compiler() {
  static Compiler table{};
  static const bool is_there = load(table);
  return is_there ? &table : nullptr;
}

const Compiler& compiler_or_throw() {
  if (compiler() == nullptr) throw Error("the library libnvrtc was not found");
  return *compiler();
}

}  // namespace

bool has_kernel_compiler() {
  return compiler() != nullptr;
}

std::string kernel_compiler_version() {
  int major = 0, minor = 0;
  compiler_or_throw().version(&major, &minor);
  return fmt::format("{}.{}", major, minor);
}

std::vector<char> compile_kernels(const std::string& name, const std::string& source,
                                  const std::vector<std::string>& options) {
  const Compiler& nvrtc = compiler_or_throw();
  std::vector<const char*> texts;
  for (const std::string& option : options) texts.push_back(option.c_str());
  void* program = nullptr;
  if (nvrtc.create(&program, source.c_str(), name.c_str(), 0, nullptr, nullptr) != 0) {
    throw Error("the kernels of " + name + " cannot be compiled: NVRTC refuses their text");
  }
  const int status = nvrtc.compile(program, static_cast<int>(texts.size()), texts.data());
  std::size_t size = 0;
  if (status == 0) {
    nvrtc.code_size(program, &size);
    std::vector<char> code(size);
    nvrtc.code(program, code.data());
    nvrtc.destroy(&program);
    return code;
  }
  nvrtc.log_size(program, &size);
  std::string log(size, '\0');
  nvrtc.log(program, log.data());
  nvrtc.destroy(&program);
  throw Error(fmt::format("the kernels of {} cannot be compiled by {}:\n{}", name, fmt::join(options, " "),
                          log.c_str()));
}

}  // namespace tha4
