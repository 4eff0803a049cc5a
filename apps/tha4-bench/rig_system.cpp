#include <memory>

#include "system.h"

#include "tha4/poser/pose_batch.h"
#include "tha4/render/rig_poser.h"
#include "tha4/render/rig_renderer.h"
#include "tha4/rig/rig_source.h"

namespace tha4::app {

System rig_system(const SystemOptions& options, const std::string& name) {
  const Rig rig = open_rig(name);
  const auto renderer =
      std::make_shared<RigRenderer>(rig, options.device.is_cuda() ? options.device.index() : kAnyGpu);
  const auto frame = std::make_shared<RigFrame>();
  const auto draw = [&](const FrameContents& contents) {
    return [renderer, frame, contents](const std::vector<Pose>& poses) {
      for (const Pose& pose : poses) renderer->render(pose, FrameWindow{}, contents, *frame);
    };
  };
  const std::shared_ptr<Poser> poser = make_rig_poser(rig, options.device);
  const auto pose = [poser](const std::vector<Pose>& poses) { poser->pose(to_tensor(poses)); };
  return {.name = "rig",
          .title = "rig",
          .networks = {},
          .makers = {{.title = "rig, drawn", .make = draw({})},
                     {.title = "rig, drawn with flow", .make = draw({.flow = true})},
                     {.title = "rig, posed (all outputs)", .make = pose}},
          .opengl = renderer->device_name()};
}

}  // namespace tha4::app
