# Installs BUILD_DIR into a fresh prefix below WORK_DIR, runs the installed commands, and configures, builds and
# runs the project in CONSUMER_DIR, which finds tha4 by find_package alone.

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

run("${CMAKE_COMMAND}" -S "${CONSUMER_DIR}" -B "${build}" -G "${GENERATOR}" "-DCMAKE_PREFIX_PATH=${prefix}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_BUILD_TYPE=${BUILD_TYPE}" ${flags})
run("${CMAKE_COMMAND}" --build "${build}")
run("${build}/consumer")
if(NOT output MATCHES "tha4 ${VERSION}, first of 45 pose parameters: eyebrow_troubled_left")
  message(FATAL_ERROR "the consumer printed: ${output}")
endif()
file(REMOVE_RECURSE "${WORK_DIR}")
