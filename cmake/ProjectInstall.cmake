# `cmake --install`: commands, libraries, headers, presets and data, and the package config with which another
# CMake project can find_package(tha4) and link tha4::poser, tha4::distill, ...

include(CMakePackageConfigHelpers)
set(THA4_INSTALL_CMAKEDIR "${CMAKE_INSTALL_LIBDIR}/cmake/tha4")
get_property(tha4_areas GLOBAL PROPERTY THA4_AREAS)
get_property(tha4_apps GLOBAL PROPERTY THA4_APPS)
get_property(tha4_companions GLOBAL PROPERTY THA4_COMPANIONS)
get_filename_component(THA4_LIBTORCH_DIR "${LibTorch_INCLUDE_DIR}" DIRECTORY)
if(LibTorch_VERSION)
  set(THA4_LIBTORCH_VERSION "${LibTorch_VERSION} EXACT")
endif()

install(TARGETS ${tha4_areas} EXPORT tha4Targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(tha4_apps)
  # Installed commands use the LibTorch that they were built with, where it is.
  set_target_properties(${tha4_apps} PROPERTIES INSTALL_RPATH "${THA4_LIBTORCH_DIR}/lib")
  install(TARGETS ${tha4_apps} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(tha4_companions)
  set_target_properties(${tha4_companions} PROPERTIES INSTALL_RPATH "${THA4_LIBTORCH_DIR}/lib")
  install(TARGETS ${tha4_companions} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
install(DIRECTORY include/tha4 DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(DIRECTORY configs data DESTINATION ${CMAKE_INSTALL_DATADIR}/tha4 OPTIONAL)

install(EXPORT tha4Targets NAMESPACE tha4:: DESTINATION ${THA4_INSTALL_CMAKEDIR})
configure_package_config_file(cmake/tha4Config.cmake.in ${PROJECT_BINARY_DIR}/tha4Config.cmake
  INSTALL_DESTINATION ${THA4_INSTALL_CMAKEDIR} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tha4ConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tha4Config.cmake ${PROJECT_BINARY_DIR}/tha4ConfigVersion.cmake
              cmake/FindLibTorch.cmake cmake/FindOnnxProto.cmake
        DESTINATION ${THA4_INSTALL_CMAKEDIR})
