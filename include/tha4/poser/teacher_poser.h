#pragma once

#include <memory>

#include "tha4/base/device.h"
#include "tha4/nn/teacher_networks.h"
#include "tha4/nn/tha3_networks.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Posers of one rest image, an image tensor [4, 512, 512], by the teacher's and by the THA3 baseline's
/// networks. They draw frames of 512x512 only; a region costs as much as the whole frame. The networks are
/// moved to \p device and \p precision, also for their other owners. The THA3 poser's alpha has four
/// channels, one for each of the image.
std::unique_ptr<Poser> make_teacher_poser(const TeacherNetworks& networks, const at::Tensor& rest_image,
                                          c10::Device device, Precision precision = Precision::fp32);
std::unique_ptr<Poser> make_tha3_poser(const Tha3Networks& networks, const at::Tensor& rest_image,
                                       c10::Device device, Precision precision = Precision::fp32);

}  // namespace tha4
