# tha4_add_area(NAME SOURCES file... [USES target...] [PRIVATE_USES target...] [TORCH])
#
# Adds the library of one area of the project (src/NAME, include/tha4/NAME) as the static library tha4_NAME, with
# the alias tha4::NAME. USES are the targets that its public headers need, PRIVATE_USES those that only its sources
# need. TORCH: its sources use tensors, from the shared precompiled headers of LibTorch.
function(tha4_add_area name)
  cmake_parse_arguments(AREA "TORCH" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(tha4_${name} STATIC ${AREA_SOURCES})
  add_library(tha4::${name} ALIAS tha4_${name})
  set_target_properties(tha4_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(tha4_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(tha4_${name} PUBLIC cxx_std_20)
  target_link_libraries(tha4_${name} PUBLIC ${AREA_USES} PRIVATE ${AREA_PRIVATE_USES}
                        $<BUILD_INTERFACE:tha4_compile_options>)
  if(AREA_TORCH)
    target_precompile_headers(tha4_${name} REUSE_FROM tha4_torch_headers)
  endif()
  set_property(GLOBAL APPEND PROPERTY THA4_AREAS tha4_${name})
endfunction()

# tha4_add_companion(NAME SOURCE...): the shared library NAME, which is linked with LibTorch's CUDA library and loaded
# by those runs alone that need it (include/tha4/base/companion_library.h). Nothing where LibTorch is without CUDA.
function(tha4_add_companion name)
  if(NOT TorchNccl_FOUND)
    return()
  endif()
  add_library(${name} SHARED ${ARGN})
  target_link_libraries(${name} PRIVATE TorchNccl::TorchNccl tha4_compile_options)
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  set_property(GLOBAL APPEND PROPERTY THA4_COMPANIONS ${name})
endfunction()

# Lets an executable use the precompiled headers of LibTorch, compiled as for libraries (-fPIC, not -fPIE).
function(tha4_use_torch_headers target)
  target_compile_options(${target} PRIVATE -fPIC)
  target_precompile_headers(${target} REUSE_FROM tha4_torch_headers)
endfunction()

# tha4_add_app(NAME SOURCES file... USES target...): the command NAME, from apps/NAME.
function(tha4_add_app name)
  cmake_parse_arguments(APP "" "" "SOURCES;USES" ${ARGN})
  add_executable(${name} ${APP_SOURCES})
  target_link_libraries(${name} PRIVATE ${APP_USES} CLI11::CLI11 tha4_compile_options)
  tha4_use_torch_headers(${name})
  set_property(GLOBAL APPEND PROPERTY THA4_APPS ${name})
endfunction()

# tha4_add_test(NAME SOURCES file... USES target... [TORCH] [SHARDS n]): one GoogleTest program, one ctest entry, or
# NAME_1 to NAME_n, which share its tests. Tests are not registered one by one: loading LibTorch for each would take
# longer than most of them.
function(tha4_add_test name)
  cmake_parse_arguments(TEST "TORCH" "SHARDS" "SOURCES;USES" ${ARGN})
  add_executable(test_${name} ${PROJECT_SOURCE_DIR}/tests/test_main.cpp ${TEST_SOURCES})
  target_link_libraries(test_${name} PRIVATE ${TEST_USES} GTest::gtest tha4_compile_options)
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(test_${name} PRIVATE
    THA4_FIXTURES_DIR="${PROJECT_SOURCE_DIR}/tests/fixtures"
    THA4_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    THA4_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  if(TEST_TORCH)
    tha4_use_torch_headers(test_${name})
  endif()
  if(NOT TEST_SHARDS)
    add_test(NAME ${name} COMMAND test_${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    return()
  endif()
  foreach(shard RANGE 1 ${TEST_SHARDS})
    math(EXPR index "${shard} - 1")
    add_test(NAME ${name}_${shard} COMMAND test_${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name}_${shard} PROPERTIES
                         ENVIRONMENT "GTEST_TOTAL_SHARDS=${TEST_SHARDS};GTEST_SHARD_INDEX=${index}")
  endforeach()
endfunction()
