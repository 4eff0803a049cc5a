# Finds the headers of Gloo, with which LibTorch's own Gloo is used from C++ (the functions are in libtorch_cpu).
# Defines Gloo::Headers.
find_path(Gloo_INCLUDE_DIR NAMES gloo/context.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Gloo REQUIRED_VARS Gloo_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Install libgloo-dev, or run scripts/setup.sh.")
if(Gloo_FOUND AND NOT TARGET Gloo::Headers)
  add_library(Gloo::Headers INTERFACE IMPORTED)
  set_target_properties(Gloo::Headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${Gloo_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS USE_C10D_GLOO)
endif()
mark_as_advanced(Gloo_INCLUDE_DIR)
