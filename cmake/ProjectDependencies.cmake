# Everything that the project links. scripts/setup.sh installs the same list.

find_package(LibTorch REQUIRED)
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenCV REQUIRED COMPONENTS core imgproc imgcodecs videoio)
if(THA4_BUILD_APPS)
  find_package(CLI11 REQUIRED)
endif()
if(THA4_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()

# yaml-cpp names its target differently from one release to the next.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# torch/torch.h takes some 20 seconds to compile: once here, then reused by every target that asks for it.
file(WRITE ${PROJECT_BINARY_DIR}/torch_header.cpp.in "// Carries the precompiled torch/torch.h.\n")
configure_file(${PROJECT_BINARY_DIR}/torch_header.cpp.in ${PROJECT_BINARY_DIR}/torch_header.cpp COPYONLY)
add_library(tha4_torch_header OBJECT ${PROJECT_BINARY_DIR}/torch_header.cpp)
target_link_libraries(tha4_torch_header PRIVATE LibTorch::LibTorch spdlog::spdlog tha4_compile_options)
target_precompile_headers(tha4_torch_header PRIVATE <torch/torch.h>)
