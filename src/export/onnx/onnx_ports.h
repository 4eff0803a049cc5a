#pragma once

#include <memory>
#include <string>

#include "onnx/onnx_graph.h"

// Inputs, outputs and texts that the graphs share.

namespace tha4 {

/// A graph that says in its metadata what the numbers of a pose are, and what an image tensor is.
std::unique_ptr<OnnxGraph> make_graph(const std::string& name, const std::string& description);

/// \p count numbers of a pose from the parameter \p first on: [batch, count].
OnnxPort pose_port(const std::string& name, int first, int count);

/// Image tensors [\p images, 4, \p size, \p size]; \p what they show.
OnnxPort image_port(const std::string& name, const OnnxDimension& images, int size, const std::string& what);

/// Appearance flows [batch, 2, \p size, \p size].
OnnxPort flow_port(const std::string& name, int size);

}  // namespace tha4
