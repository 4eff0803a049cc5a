#pragma once

#include <filesystem>

#include "temporary_folder.h"

#include "tha4/teacher/teacher_config.h"

namespace tha4::app {

/// Files of fresh weights in place of those that training reads, in a folder that lives as long as this: the
/// time of a step does not depend on their values.
class StandInFiles {
 public:
  /// VGG16 up to what the perceptual loss looks at, of torchvision's widths.
  std::filesystem::path vgg16() const;

  /// A teacher's folder with the networks that \p config describes, under their official names.
  std::filesystem::path teacher_with(const TeacherTrainingConfig& config) const;

 private:
  TemporaryFolder folder_;
};

}  // namespace tha4::app
