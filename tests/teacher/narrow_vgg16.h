#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tha4/metrics/backbone.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// Random weights of VGG16's layers up to relu3_3 with few channels.
inline StateDict narrow_vgg16() {
  torch::manual_seed(9);
  StateDict state;
  std::int64_t inputs = 3;
  for (const auto& [layer, outputs] :
       std::vector<std::pair<int, std::int64_t>>{{0, 4}, {2, 4}, {5, 6}, {7, 6}, {10, 8}, {12, 8}, {14, 8}}) {
    const std::string name = "features." + std::to_string(layer);
    state.insert(name + ".weight", torch::randn({outputs, inputs, 3, 3}) * 0.3);
    state.insert(name + ".bias", torch::randn({outputs}) * 0.1);
    inputs = outputs;
  }
  return state;
}

/// The same as a backbone, by way of a file in a folder \p name.
inline Backbone narrow_vgg16_backbone(const std::string& name) {
  const auto file = std::filesystem::path(testing::TempDir()) / name / "vgg16.pt";
  std::filesystem::create_directories(file.parent_path());
  write_weights(file, narrow_vgg16());
  return load_backbone(BackboneKind::vgg16, file);
}

}  // namespace tha4
