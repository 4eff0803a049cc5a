#include "stand_in_files.h"

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <torch/types.h>

#include "tha4/nn/blocks/seeded_scope.h"
#include "tha4/teacher/network_task.h"
#include "tha4/weights/state_dict.h"

namespace tha4::app {
namespace {

namespace fs = std::filesystem;

/// Number in torchvision's file and outputs of VGG16's convolutions up to relu3_3 (Simonyan and Zisserman
/// 2015, configuration D).
const std::vector<std::pair<int, std::int64_t>> kVgg16 = {{0, 64},   {2, 64},   {5, 128}, {7, 128},
                                                          {10, 256}, {12, 256}, {14, 256}};

}  // namespace

fs::path StandInFiles::vgg16() const {
  const SeededScope seeded(0);
  StateDict state;
  std::int64_t inputs = 3;
  for (const auto& [layer, outputs] : kVgg16) {
    const std::string name = "features." + std::to_string(layer);
    const double deviation = std::sqrt(2.0 / static_cast<double>(9 * inputs));  // He et al. 2015
    state.insert(name + ".weight", torch::randn({outputs, inputs, 3, 3}) * deviation);
    state.insert(name + ".bias", torch::zeros({outputs}));
    inputs = outputs;
  }
  write_weights(folder_.path() / "vgg16.pt", state);
  return folder_.path() / "vgg16.pt";
}

fs::path StandInFiles::teacher_with(const TeacherTrainingConfig& config) const {
  for (const NamedNetwork& named : make_network_task(config, folder_.path())->networks()) {
    write_weights(folder_.path() / (named.name + ".pt"), state_dict_of(*named.network));
  }
  return folder_.path();
}

}  // namespace tha4::app
