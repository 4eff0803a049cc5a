# Compiler settings shared by all targets: C++20, warnings as errors, sanitizers, ccache.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness lets ccache keep objects that use a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE_PROGRAM})
endif()

# Warnings for our own code; dependencies are included as system headers.
add_library(tha4_compile_options INTERFACE)
target_compile_options(tha4_compile_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wnon-virtual-dtor;-Woverloaded-virtual;-Werror>
  # GCC 12 sees overlaps and overruns in std::string's operator+ that are not there (GCC bugs 105651, 105329).
  $<$<CXX_COMPILER_ID:GNU>:$<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow;-fpch-preprocess>>)
# Several sources compiled as one (CMAKE_UNITY_BUILD) count as headers of it, of which GCC says that others might see
# their anonymous namespaces.
if(CMAKE_UNITY_BUILD)
  target_compile_options(tha4_compile_options INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:$<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>>)
endif()
if(THA4_SANITIZE)
  target_compile_options(tha4_compile_options INTERFACE -fsanitize=${THA4_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(tha4_compile_options INTERFACE -fsanitize=${THA4_SANITIZE})
endif()
