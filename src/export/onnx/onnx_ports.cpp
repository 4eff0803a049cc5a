#include "onnx/onnx_ports.h"

#include <nlohmann/json.hpp>

#include "tha4/pose/pose.h"

namespace tha4 {

std::unique_ptr<OnnxGraph> make_graph(const std::string& name, const std::string& description) {
  auto graph = std::make_unique<OnnxGraph>(name, description);
  nlohmann::json names, ranges;
  for (const PoseParameter& parameter : pose_parameters()) {
    names.push_back(parameter.name);
    ranges.push_back({parameter.min, parameter.max});
  }
  graph->set_metadata("pose_parameters", names.dump());
  graph->set_metadata("pose_ranges", ranges.dump());
  graph->set_metadata("image_tensor",
                      "float32 [N, 4, H, W]: R, G, B, A, linear light, premultiplied by alpha, -1 to 1");
  return graph;
}

OnnxPort pose_port(const std::string& name, int first, int count) {
  return {.name = name,
          .type = OnnxType::float32,
          .shape = {"batch", count},
          .meaning = "Pose parameters " + std::to_string(first + 1) + " to " + std::to_string(first + count) +
                     " of the metadata's pose_parameters, each in its range of pose_ranges."};
}

OnnxPort image_port(const std::string& name, const OnnxDimension& images, int size, const std::string& what) {
  return {.name = name,
          .type = OnnxType::float32,
          .shape = {images, 4, size, size},
          .meaning = what + ": R, G, B, A, linear light, premultiplied by alpha, -1 to 1."};
}

OnnxPort flow_port(const std::string& name, int size) {
  return {.name = name,
          .type = OnnxType::float32,
          .shape = {"batch", 2, size, size},
          .meaning = "Appearance flow, x before y: offsets to the pixel centres, the image being -1 to 1."};
}

}  // namespace tha4
