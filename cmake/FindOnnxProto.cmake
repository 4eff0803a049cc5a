# Finds the published schema of ONNX files as C++ classes: libonnx's header onnx/onnx_pb.h and library onnx_proto, and
# protobuf, on which they are built. Not by libonnx's own CMake config, which asks for files that Debian puts elsewhere.
# Defines OnnxProto::OnnxProto.
find_path(OnnxProto_INCLUDE_DIR NAMES onnx/onnx_pb.h)
find_library(OnnxProto_LIBRARY NAMES onnx_proto)
find_path(OnnxProto_PROTOBUF_INCLUDE_DIR NAMES google/protobuf/message.h)
find_library(OnnxProto_PROTOBUF_LIBRARY NAMES protobuf)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxProto
  REQUIRED_VARS OnnxProto_LIBRARY OnnxProto_INCLUDE_DIR OnnxProto_PROTOBUF_LIBRARY OnnxProto_PROTOBUF_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Install libonnx-dev and libprotobuf-dev, or run scripts/setup.sh.")
if(OnnxProto_FOUND AND NOT TARGET OnnxProto::OnnxProto)
  add_library(OnnxProto::OnnxProto SHARED IMPORTED)
  set_target_properties(OnnxProto::OnnxProto PROPERTIES
    IMPORTED_LOCATION "${OnnxProto_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${OnnxProto_INCLUDE_DIR};${OnnxProto_PROTOBUF_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS "ONNX_NAMESPACE=onnx;ONNX_ML=1"
    INTERFACE_LINK_LIBRARIES "${OnnxProto_PROTOBUF_LIBRARY}")
endif()
mark_as_advanced(OnnxProto_INCLUDE_DIR OnnxProto_LIBRARY OnnxProto_PROTOBUF_INCLUDE_DIR OnnxProto_PROTOBUF_LIBRARY)
