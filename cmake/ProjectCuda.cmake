# Sets CMake up for sources in CUDA, where there is a compiler that can be used; nothing is compiled by it so far. The
# kernels of src/*/kernels do not need it: they are compiled when first used (include/tha4/base/cuda_program.h).
# Whatever is wrong with a CUDA toolkit ends the configuration only where THA4_CUDA is ON: enable_language() cannot be
# survived, so that the same is tried aside before.

include(CheckLanguage)
include(CudaArchitectures)

# Sets REASON to why there is no CUDA compiler that can be used, empty where there is one, and CMAKE_CUDA_COMPILER and
# CMAKE_CUDA_ARCHITECTURES, unless the user has set them, to what can be.
macro(tha4_look_for_cuda reason)
  set(${reason} "")
  # Where CMake looks for it, too.
  find_program(THA4_NVCC NAMES ${CMAKE_CUDA_COMPILER} $ENV{CUDACXX} nvcc PATHS ENV CUDA_PATH PATH_SUFFIXES bin
               NO_CMAKE_SYSTEM_PATH)
  mark_as_advanced(THA4_NVCC)
  if(NOT THA4_NVCC)
    set(${reason} "no nvcc was found: install the CUDA toolkit, put nvcc on PATH or set CUDACXX")
  else()
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
      tha4_cuda_architectures("${THA4_NVCC}" CMAKE_CUDA_ARCHITECTURES)
    endif()
    if(NOT CMAKE_CUDA_ARCHITECTURES)
      unset(CMAKE_CUDA_ARCHITECTURES)
      set(${reason} "${THA4_NVCC} is not nvcc of CUDA 12.0 or newer")
    else()
      set(ENV{CUDAARCHS} "${CMAKE_CUDA_ARCHITECTURES}") # what is tried
      check_language(CUDA)
      if(NOT CMAKE_CUDA_COMPILER)
        set(${reason} "${THA4_NVCC} does not compile for the architectures ${CMAKE_CUDA_ARCHITECTURES}; \
${CMAKE_BINARY_DIR}/CMakeFiles/CMakeError.log says why")
      endif()
    endif()
  endif()
endmacro()

if(THA4_CUDA STREQUAL "OFF")
  message(STATUS "CUDA compiler: not asked for")
else()
  tha4_look_for_cuda(why_no_cuda)
  if(NOT why_no_cuda)
    enable_language(CUDA)
    set(CMAKE_CUDA_STANDARD 20)
    message(STATUS "CUDA compiler: ${CMAKE_CUDA_COMPILER}, for the architectures ${CMAKE_CUDA_ARCHITECTURES}")
  elseif(THA4_CUDA STREQUAL "ON")
    message(FATAL_ERROR "THA4_CUDA=ON, but ${why_no_cuda}. The preset 'release' builds without it.")
  else()
    message(STATUS "CUDA compiler: none (${why_no_cuda})")
  endif()
endif()
