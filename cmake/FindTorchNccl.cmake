# Finds what c10d's NCCL backend is used with from C++: LibTorch's CUDA library and the headers of CUDA and NCCL,
# which come with the CUDA wheel of LibTorch as packages of their own, or with a CUDA toolkit. No CUDA compiler is
# needed. Defines TorchNccl::TorchNccl.
get_filename_component(_torch_folder "${LibTorch_INCLUDE_DIR}" DIRECTORY)
get_filename_component(_packages "${_torch_folder}" DIRECTORY)
file(GLOB _cuda_wheels "${_packages}/nvidia/cu*/include")
find_library(TorchNccl_CUDA_LIBRARY NAMES torch_cuda HINTS "${_torch_folder}/lib" NO_DEFAULT_PATH)
find_library(TorchNccl_C10_CUDA_LIBRARY NAMES c10_cuda HINTS "${_torch_folder}/lib" NO_DEFAULT_PATH)
find_path(TorchNccl_CUDA_INCLUDE_DIR NAMES cuda_runtime_api.h
          HINTS ${_cuda_wheels} "$ENV{CUDA_HOME}/include" /usr/local/cuda/include)
# What CUDA's headers include: packages that LibTorch's wheel does not ask for, but scripts/requirements.txt does.
find_path(TorchNccl_CRT_INCLUDE_DIR NAMES crt/host_config.h
          HINTS ${_cuda_wheels} "$ENV{CUDA_HOME}/include" /usr/local/cuda/include)
find_path(TorchNccl_CCCL_INCLUDE_DIR NAMES nv/target
          HINTS ${_cuda_wheels} "$ENV{CUDA_HOME}/include" /usr/local/cuda/include PATH_SUFFIXES cccl)
find_path(TorchNccl_NCCL_INCLUDE_DIR NAMES nccl.h
          HINTS "${_packages}/nvidia/nccl/include" "$ENV{CUDA_HOME}/include" /usr/local/cuda/include)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TorchNccl
  REQUIRED_VARS TorchNccl_CUDA_LIBRARY TorchNccl_C10_CUDA_LIBRARY TorchNccl_CUDA_INCLUDE_DIR TorchNccl_CRT_INCLUDE_DIR
                TorchNccl_CCCL_INCLUDE_DIR TorchNccl_NCCL_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Training on several GPUs is left out.")
if(TorchNccl_FOUND AND NOT TARGET TorchNccl::TorchNccl)
  add_library(TorchNccl::TorchNccl INTERFACE IMPORTED)
  set(_include_options "")
  foreach(folder IN ITEMS NCCL CUDA CRT CCCL)
    list(APPEND _include_options "SHELL:-idirafter ${TorchNccl_${folder}_INCLUDE_DIR}")
  endforeach()
  set_target_properties(TorchNccl::TorchNccl PROPERTIES
    INTERFACE_LINK_LIBRARIES "${TorchNccl_CUDA_LIBRARY};${TorchNccl_C10_CUDA_LIBRARY};LibTorch::LibTorch"
    INTERFACE_COMPILE_OPTIONS "${_include_options}"
    INTERFACE_COMPILE_DEFINITIONS "USE_C10D_NCCL;USE_CUDA")
endif()
mark_as_advanced(TorchNccl_CUDA_LIBRARY TorchNccl_C10_CUDA_LIBRARY TorchNccl_CUDA_INCLUDE_DIR
                 TorchNccl_CRT_INCLUDE_DIR TorchNccl_CCCL_INCLUDE_DIR TorchNccl_NCCL_INCLUDE_DIR)
