# Finds LibTorch without the Torch config that it ships, which refuses to configure a CUDA wheel on a machine
# without the CUDA toolkit. Looks on CMAKE_PREFIX_PATH (a LibTorch archive, or the folder of an installed torch
# wheel), then in the project's virtual environment. Defines LibTorch::LibTorch.
#
# Only the CPU library is linked; libtorch_cuda is loaded on demand (see tha4/base/device.h), which halves the
# start-up time and the memory of every command that stays on the CPU.

set(_libtorch_hints ${LibTorch_ROOT})
foreach(prefix IN LISTS CMAKE_PREFIX_PATH)
  list(APPEND _libtorch_hints "${prefix}" "${prefix}/../../..")
  file(GLOB _libtorch_wheels "${prefix}/lib/python3*/site-packages/torch")
  list(APPEND _libtorch_hints ${_libtorch_wheels})
endforeach()
file(GLOB _libtorch_venv "${CMAKE_CURRENT_LIST_DIR}/../.venv/lib/python3*/site-packages/torch")
list(APPEND _libtorch_hints ${_libtorch_venv})

find_path(LibTorch_INCLUDE_DIR NAMES torch/csrc/api/include/torch/torch.h HINTS ${_libtorch_hints}
          PATH_SUFFIXES include NO_CMAKE_SYSTEM_PATH)
if(LibTorch_INCLUDE_DIR)
  find_library(LibTorch_CPU_LIBRARY NAMES torch_cpu HINTS "${LibTorch_INCLUDE_DIR}/../lib" NO_DEFAULT_PATH)
  find_library(LibTorch_C10_LIBRARY NAMES c10 HINTS "${LibTorch_INCLUDE_DIR}/../lib" NO_DEFAULT_PATH)
  set(LibTorch_VERSION "")
  foreach(header torch/headeronly/version.h torch/csrc/api/include/torch/version.h)
    if(NOT LibTorch_VERSION AND EXISTS "${LibTorch_INCLUDE_DIR}/${header}")
      file(READ "${LibTorch_INCLUDE_DIR}/${header}" _libtorch_header)
      if(_libtorch_header MATCHES "define TORCH_VERSION_MAJOR ([0-9]+)")
        set(LibTorch_VERSION ${CMAKE_MATCH_1})
        foreach(part MINOR PATCH)
          string(REGEX MATCH "define TORCH_VERSION_${part} ([0-9]+)" _ "${_libtorch_header}")
          string(APPEND LibTorch_VERSION ".${CMAKE_MATCH_1}")
        endforeach()
      endif()
    endif()
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "Run scripts/setup.sh, or name a LibTorch folder with -DCMAKE_PREFIX_PATH=/path/to/libtorch.")

if(LibTorch_FOUND AND NOT TARGET LibTorch::LibTorch)
  add_library(LibTorch::c10 SHARED IMPORTED)
  set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION "${LibTorch_C10_LIBRARY}")
  add_library(LibTorch::LibTorch SHARED IMPORTED)
  set_target_properties(LibTorch::LibTorch PROPERTIES
    IMPORTED_LOCATION "${LibTorch_CPU_LIBRARY}"
    # After the system's own folders: the wheel also ships other versions of fmt and protobuf, which must not be
    # taken for the installed ones.
    INTERFACE_COMPILE_OPTIONS
      "SHELL:-idirafter ${LibTorch_INCLUDE_DIR};SHELL:-idirafter ${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
    # Without NDEBUG, at::RecordFunction has another layout than in LibTorch's own, released library.
    INTERFACE_COMPILE_DEFINITIONS "$<$<NOT:$<CONFIG:Release,RelWithDebInfo,MinSizeRel>>:NDEBUG>"
    INTERFACE_LINK_LIBRARIES LibTorch::c10
    # libtorch_cpu of the CUDA wheel needs CUDA libraries that lie on its own run path, not on the linker's.
    INTERFACE_LINK_OPTIONS "LINKER:--allow-shlib-undefined;LINKER:--disable-new-dtags")
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY)
