#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <c10/core/Device.h>

#include "tha4/base/device.h"
#include "tha4/nn/teacher/named_network.h"
#include "tha4/nn/teacher/teacher_architecture.h"
#include "tha4/pose/pose.h"

namespace tha4::app {

/// The rig that is measured where none is named.
inline constexpr const char* kDefaultRig = "procedural:5";

/// One way in which a system makes frames, given a batch of poses; they stay on the device.
struct FrameMaker {
  std::string title;
  std::function<void(const std::vector<Pose>& poses)> make;
  bool as_in_paper = true;  ///< whether the paper's times are of the same work
  double floor_ms = 0;  ///< of a frame, what the kernels' products take at this machine's best; 0: not known
};

/// One of the things whose cost is measured.
struct System {
  std::string name;  ///< as configs/bench/paper.json calls it
  std::string title;
  std::vector<NamedNetwork> networks;  ///< by what they are; none of a rig
  std::vector<FrameMaker> makers;
  std::string opengl = {};  ///< what draws, where a rig is drawn
};

/// What systems are made for.
struct SystemOptions {
  c10::Device device{c10::kCPU};
  Precision precision = Precision::fp32;
  int batch = 1;
};

/// The student, of the character folder \p folder or, where that is empty, of the paper's sizes with fresh
/// weights. A character of one of the two other architectures of Table 6 makes the system of that one.
System student_system(const SystemOptions& options, const std::string& folder);

/// The two other architectures of the paper's Table 6, of the paper's sizes with fresh weights. The vanilla
/// SIREN draws the frame alone, without a face morpher.
System single_resolution_system(const SystemOptions& options);
System vanilla_siren_system(const SystemOptions& options);

/// A teacher, of the folder \p folder or, where that is empty, of make_teacher()'s sizes with fresh weights;
/// of the folder's architecture, or THA4, where none is given. It makes frames in two ways: of an image and a
/// pose, as the paper measures, and of a pose where what depends on the image alone is kept, as posers do.
System teacher_system(const SystemOptions& options, const std::string& folder,
                      std::optional<Architecture> architecture);

/// The rig \p name: how fast OpenGL draws it, and what its poser makes of that.
System rig_system(const SystemOptions& options, const std::string& name);

}  // namespace tha4::app
