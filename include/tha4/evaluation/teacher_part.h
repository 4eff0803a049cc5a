#pragma once

#include <array>
#include <functional>
#include <string_view>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/base/device.h"
#include "tha4/data/picture_view.h"
#include "tha4/data/source_options.h"
#include "tha4/nn/teacher/teacher.h"

namespace tha4 {

/// What of a teacher is compared with test images.
enum class TeacherPart {
  frame,    ///< its whole frames
  rotator,  ///< what its half-resolution rotator makes of rest images that have their new faces already
  face      ///< the face crops that a student learns from, with nearly all face parameters at work
};

/// A part, and which triples show it.
struct TeacherPartRow {
  TeacherPart part;
  std::string_view name;
  PoseStep step;
  PictureView view;           ///< of the triples' pictures
  double active_probability;  ///< of each part of the face in natural poses; 0: as natural poses have it
};

inline constexpr std::array kTeacherParts = {
    TeacherPartRow{TeacherPart::frame, "frame", PoseStep::whole, {}, 0},
    TeacherPartRow{TeacherPart::rotator, "rotator", PoseStep::body, {.halved = true}, 0},
    TeacherPartRow{TeacherPart::face, "face", PoseStep::expression, {.region = kFaceCrop}, 0.9}};

const TeacherPartRow& row_of(TeacherPart part);

/// Throws InputError for other names than those of the table.
TeacherPart parse_teacher_part(std::string_view name);

/// \p options for test triples that show \p part.
SourceOptions showing(TeacherPart part, SourceOptions options);

/// Makes images of a part, of the size of its view, of whole pictures before the part's step [N, 4, 512, 512]
/// and poses [N, 45], image tensors on one device.
using FrameMaker = std::function<at::Tensor(const at::Tensor& pictures, const at::Tensor& poses)>;

/// What \p part of \p teacher makes. Its networks are moved to \p device and \p precision. Throws InputError
/// for the rotator of THA3, which makes no image alone.
FrameMaker frame_maker(Teacher teacher, TeacherPart part, c10::Device device, Precision precision);

}  // namespace tha4
