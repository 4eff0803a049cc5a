#pragma once

#include <string_view>
#include <vector>

#include "tha4/metrics/backbone.h"

namespace tha4 {

/// One step of a backbone, as torchvision numbers them in its list "features". Rectifiers follow every
/// convolution and are not listed.
struct BackboneStep {
  enum class Kind {
    convolution,
    pool,  ///< maximum, window 2 or 3, stride 2
    fire,  ///< of SqueezeNet: a 1x1 convolution, then a 1x1 and a 3x3 one side by side
  };
  Kind kind;
  int index = 0;  ///< in "features"; of pools it does not matter
  int kernel = 3;
  int stride = 1;
  int padding = 1;
};

/// The steps up to and with a feature layer, from the one before.
using BackboneStage = std::vector<BackboneStep>;

/// What is known of a classifier beforehand.
struct BackboneDescription {
  BackboneKind kind;
  std::string_view name;  ///< as its users call it
  std::string_view file;  ///< that torchvision publishes
  bool pools_reach_out;   ///< a pool's last window may reach over the border
  std::vector<BackboneStage> stages;
};

BackboneDescription backbone_description(BackboneKind kind);

}  // namespace tha4
