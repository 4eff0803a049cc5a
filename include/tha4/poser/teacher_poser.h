#pragma once

#include <memory>

#include "tha4/base/device.h"
#include "tha4/nn/teacher/teacher.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// A poser of one rest image, an image tensor [4, 512, 512], by a teacher's networks. It draws frames of
/// 512x512 only; a region costs as much as the whole frame. The networks are moved to \p device and
/// \p precision, also for their other owners. The alpha of a THA3 teacher has four channels, one for each of
/// the image.
std::unique_ptr<Poser> make_teacher_poser(Teacher teacher, const at::Tensor& rest_image, c10::Device device,
                                          Precision precision = Precision::fp32);

}  // namespace tha4
