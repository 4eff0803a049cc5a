# Everything that the project links. scripts/setup.sh installs the same list.

find_package(LibTorch REQUIRED)
find_package(Gloo REQUIRED)
find_package(OnnxProto REQUIRED)
find_package(TorchNccl)
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs videoio)
find_package(glm REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(Codecs REQUIRED IMPORTED_TARGET libpng libjpeg libwebp)
pkg_check_modules(Lcms REQUIRED IMPORTED_TARGET lcms2)
pkg_check_modules(Ffmpeg REQUIRED IMPORTED_TARGET libavformat libavcodec libswscale libavutil)
pkg_check_modules(Cairo REQUIRED IMPORTED_TARGET cairo)
pkg_check_modules(Epoxy REQUIRED IMPORTED_TARGET epoxy)
pkg_check_modules(Highway REQUIRED IMPORTED_TARGET libhwy)
# Kernels keep vectors in arrays, which those of no known length cannot be: of ARM's there are NEON's.
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_definitions(PkgConfig::Highway INTERFACE
    "HWY_DISABLED_TARGETS=(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128|HWY_RVV)")
endif()
pkg_check_modules(LibArchive REQUIRED IMPORTED_TARGET libarchive)
if(THA4_BUILD_APPS)
  find_package(CLI11 REQUIRED)
endif()
if(THA4_BUILD_TESTS OR THA4_BUILD_FUZZERS)
  find_package(GTest REQUIRED)
endif()

# yaml-cpp names its target differently from one release to the next.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# The tensors of LibTorch, the base of its modules and JSON, which nearly every source file needs: compiled once here,
# then reused by every target that asks for them. Files name the modules and optimisers that they use besides; all of
# torch/torch.h would make every one of them compile its unused templates, 7 seconds a file.
file(WRITE ${PROJECT_BINARY_DIR}/torch_headers.cpp.in "// Carries the precompiled headers of LibTorch.\n")
configure_file(${PROJECT_BINARY_DIR}/torch_headers.cpp.in ${PROJECT_BINARY_DIR}/torch_headers.cpp COPYONLY)
add_library(tha4_torch_headers OBJECT ${PROJECT_BINARY_DIR}/torch_headers.cpp)
target_link_libraries(tha4_torch_headers PRIVATE LibTorch::LibTorch nlohmann_json::nlohmann_json spdlog::spdlog tha4_compile_options)
target_precompile_headers(tha4_torch_headers PRIVATE <torch/types.h> <torch/nn/module.h> <torch/nn/pimpl.h>
                           <nlohmann/json.hpp>)
