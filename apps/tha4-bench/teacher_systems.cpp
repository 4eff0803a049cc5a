#include <memory>

#include "system.h"
#include <torch/types.h>

#include "tha4/image/region.h"
#include "tha4/nn/network_precision.h"
#include "tha4/nn/tha3_networks.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

/// Both kinds' networks by the design's names, in the order in which the pipeline uses them.
std::vector<NamedNetwork> by_design_names(std::vector<NamedNetwork> networks) {
  networks.at(3).name = "half_resolution_rotator";
  networks.at(4).name = "editor";
  return networks;
}

template <class Pipeline, class Networks>
System pipeline_system(const std::string& name, const std::string& title, const Networks& networks,
                       const SystemOptions& options) {
  System system{
      .name = name, .title = title, .networks = by_design_names(named_networks(networks)), .makers = {}};
  for (const NamedNetwork& named : system.networks) {
    move_network(*named.network, options.device, scalar_type(options.precision));
    named.network->eval();
  }
  const torch::NoGradGuard no_grad;
  const auto pipeline = std::make_shared<Pipeline>(networks);
  const at::Tensor images =
      torch::rand({options.batch, 4, kImageSize, kImageSize}).mul_(2).sub_(1).to(options.device);
  const at::Tensor image = images.narrow(0, 0, 1);
  const EyebrowDecomposerOutput layers = pipeline->decompose(image);
  const auto of_image_and_pose = [pipeline, images](const std::vector<Pose>& poses) {
    (*pipeline)(images, pipeline->decompose(images), to_tensor(poses));
  };
  const auto of_pose = [pipeline, image, layers](const std::vector<Pose>& poses) {
    (*pipeline)(image, layers, to_tensor(poses));
  };
  system.makers = {{.title = title + ", image and pose in", .make = of_image_and_pose},
                   {.title = title + ", image kept", .make = of_pose, .as_in_paper = false}};
  return system;
}

}  // namespace

System teacher_system(const SystemOptions& options, const std::string& folder) {
  return pipeline_system<TeacherPipeline>(
      "teacher", "teacher", folder.empty() ? make_teacher_networks() : load_teacher_networks(folder),
      options);
}

System tha3_system(const SystemOptions& options, const std::string& folder) {
  return pipeline_system<Tha3Pipeline>(
      "tha3", "THA3", folder.empty() ? make_tha3_networks() : load_tha3_networks(folder), options);
}

}  // namespace tha4
