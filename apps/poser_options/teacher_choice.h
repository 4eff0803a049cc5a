#pragma once

#include <memory>
#include <optional>
#include <string>

#include <c10/core/Device.h>

#include "tha4/image/rgba_image.h"
#include "tha4/nn/teacher/teacher_architecture.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Which teacher poses which picture, as options name them.
struct TeacherChoice {
  /// Folder of a teacher's networks, a character, a rig ("procedural:SEED" or a .vrm file), or "rig": the
  /// .vrm file of the picture's name beside the picture. Where it is empty and a picture is named, the base
  /// teacher.
  std::string name;
  std::optional<Architecture> architecture;  ///< of networks; that of the files where it is not given
  std::optional<std::string> precision;      ///< of networks; fp32 where it is not given
  std::string image;                         ///< file of the picture
  bool fit = false;                          ///< centre, scale and pad a picture of the wrong size
  std::optional<RgbaImage> usual_image;      ///< what networks pose where no picture is named
};

/// A teacher that is ready to pose.
struct OpenedTeacher {
  std::unique_ptr<Poser> poser;
  RgbaImage image;                 ///< its rest image, as files hold it
  std::string name;                ///< as it was given; of "rig" and of the base teacher, what was opened
  bool poses_any_picture = false;  ///< networks of a teacher, which know nothing of this one picture
};

/// Opens whatever can be a teacher. A character and a rig have a picture of their own: one that is named
/// beside them must be the same. Throws InputError where the options do not fit together, and as the readers
/// do.
OpenedTeacher open_teacher(const TeacherChoice& options, c10::Device device);

}  // namespace tha4
