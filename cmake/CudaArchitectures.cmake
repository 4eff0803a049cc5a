# tha4_cuda_architectures(NVCC RESULT): those of the project's architectures that the compiler NVCC compiles for, by
# its version. Empty where it is older than C++20 in CUDA, or does not say its version as nvcc does.
function(tha4_cuda_architectures nvcc result)
  execute_process(COMMAND "${nvcc}" --version OUTPUT_VARIABLE text ERROR_QUIET)
  set(architectures "")
  if(text MATCHES "release ([0-9]+\\.[0-9]+)" AND CMAKE_MATCH_1 VERSION_GREATER_EQUAL 12.0)
    set(architectures 80 86 89 90)
    if(CMAKE_MATCH_1 VERSION_GREATER_EQUAL 12.8)
      list(APPEND architectures 120)
    endif()
  endif()
  set(${result} "${architectures}" PARENT_SCOPE)
endfunction()
