#include "tha4/evaluation/teacher_part.h"

#include <algorithm>
#include <string>
#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"

namespace tha4 {

const TeacherPartRow& row_of(TeacherPart part) {
  return *std::find_if(kTeacherParts.begin(), kTeacherParts.end(),
                       [&](const TeacherPartRow& row) { return row.part == part; });
}

TeacherPart parse_teacher_part(std::string_view name) {
  for (const TeacherPartRow& row : kTeacherParts) {
    if (row.name == name) return row.part;
  }
  throw ValueError(std::string(name) + " is no part of a teacher; use frame, rotator or face");
}

SourceOptions showing(TeacherPart part, SourceOptions options) {
  const TeacherPartRow& row = row_of(part);
  options.step = row.step;
  if (row.active_probability > 0) {
    NaturalPoseDistribution& natural = options.natural;
    natural.brows = natural.eyelids = natural.iris = natural.mouth = row.active_probability;
  }
  return options;
}

FrameMaker frame_maker(Teacher teacher, TeacherPart part, c10::Device device, Precision precision) {
  if (part == TeacherPart::rotator && teacher.architecture() == Architecture::tha3) {
    throw InputError("the rotator of THA3 makes no image that could be compared; compare its frames");
  }
  teacher.to(device, scalar_type(precision));
  return [teacher = std::move(teacher), part](const at::Tensor& pictures, const at::Tensor& poses) mutable {
    const torch::NoGradGuard no_grad;
    switch (part) {
      case TeacherPart::rotator:
        return teacher.rotate(pictures, poses).half_resolution.blended;
      case TeacherPart::face:
        return crop(teacher.face(teacher.prepare(pictures), poses), kFaceCropInTeacherFace);
      case TeacherPart::frame:
        break;
    }
    return teacher(teacher.prepare(pictures), poses).editor.blended;
  };
}

}  // namespace tha4
