# Decides whether sources in CUDA can be compiled ahead. Sets THA4_WITH_CUDA. The kernels of src/*/kernels do not need
# it: they are compiled when first used (include/tha4/base/cuda_program.h).

set(THA4_WITH_CUDA OFF)
if(NOT THA4_CUDA STREQUAL "OFF")
  include(CheckLanguage)
  check_language(CUDA)
  if(CMAKE_CUDA_COMPILER)
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
      set(CMAKE_CUDA_ARCHITECTURES 80 86 89 90 120)
    endif()
    enable_language(CUDA)
    set(CMAKE_CUDA_STANDARD 20)
    set(THA4_WITH_CUDA ON)
  elseif(THA4_CUDA STREQUAL "ON")
    message(FATAL_ERROR "THA4_CUDA=ON, but no CUDA compiler was found. Install the CUDA toolkit, put nvcc on "
                        "PATH or set CUDACXX; or use the preset 'release', which builds without it.")
  endif()
endif()
message(STATUS "CUDA compiler: ${THA4_WITH_CUDA}")
