# Installs BUILD_DIR into a fresh prefix below WORK_DIR, runs the installed commands, and configures, builds and
# runs the project in EXAMPLES_DIR, which finds tha4 by find_package alone. DISTILL_CONFIG: of a distillation that
# takes seconds.

# run(COMMAND...): the command must succeed; what it printed is left in `output`.
macro(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    string(REPLACE ";" " " command "${ARGV}")
    message(FATAL_ERROR "${command}\nended with status ${status}:\n${output}")
  endif()
endmacro()

# Neither may lead past the package config that is tested.
set(ENV{CMAKE_PREFIX_PATH})
set(ENV{DESTDIR})
file(REMOVE_RECURSE "${WORK_DIR}")
set(prefix "${WORK_DIR}/prefix")
set(build "${WORK_DIR}/build")
set(flags "")
if(SANITIZE)
  set(flags "-DCMAKE_CXX_FLAGS=-fsanitize=${SANITIZE}")
endif()

run("${CMAKE_COMMAND}" --install "${BUILD_DIR}" --prefix "${prefix}")
file(GLOB apps "${prefix}/bin/tha4-*")
foreach(app IN LISTS apps)
  run("${app}" --version)
endforeach()

# An installed preset finds the one that it builds upon: only that one has a mask_weight.
execute_process(COMMAND "${prefix}/bin/tha4-distill" --preset fast --set face_morpher.mask_weigh=1
                --teacher procedural:7 --out "${WORK_DIR}/refused" ERROR_VARIABLE output)
if(NOT output MATCHES "did you mean 'mask_weight'")
  message(FATAL_ERROR "the installed preset was not read with its base: ${output}")
endif()

run("${CMAKE_COMMAND}" -S "${EXAMPLES_DIR}" -B "${build}" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${prefix}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" ${flags})
run("${CMAKE_COMMAND}" --build "${build}")

# README shows the first example as it is.
file(READ "${EXAMPLES_DIR}/../README.md" readme)
file(READ "${EXAMPLES_DIR}/pose.cpp" example)
string(FIND "${example}" "#include" code)
string(SUBSTRING "${example}" ${code} -1 example)
string(FIND "${readme}" "```cpp\n${example}```" shown)
if(shown LESS 0)
  message(FATAL_ERROR "README.md shows other code than examples/pose.cpp")
endif()

# From a rig to a character, to its scores, to a picture.
set(teacher procedural:7)
run("${build}/distill" ${teacher} "${DISTILL_CONFIG}" "${WORK_DIR}/character")
run("${build}/evaluate" "${WORK_DIR}/character" ${teacher})
if(NOT output MATCHES "SSIM")
  message(FATAL_ERROR "the example that evaluates printed: ${output}")
endif()
file(RENAME "${WORK_DIR}/character" "${WORK_DIR}/me")
run("${CMAKE_COMMAND}" -E chdir "${WORK_DIR}" "${build}/pose")
file(SIZE "${WORK_DIR}/wink.png" size)
if(size LESS 1000)
  message(FATAL_ERROR "the example that poses wrote a picture of ${size} bytes")
endif()
run("${build}/stream" "${WORK_DIR}/me" 3)
if(NOT output MATCHES "[1-9][0-9]* frames")
  message(FATAL_ERROR "the example that streams printed: ${output}")
endif()
file(REMOVE_RECURSE "${WORK_DIR}")
