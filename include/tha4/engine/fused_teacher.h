#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tha4/base/device.h"
#include "tha4/nn/teacher/teacher.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Why make_fused_teacher_poser() cannot play teachers of \p architecture on \p device; nothing where it can.
std::optional<std::string_view> why_no_fused_teacher(c10::Device device,
                                                     Architecture architecture = Architecture::tha4);

/// The type of 16 bits that a teacher's networks go with: fp16, which has more digits, but for those that
/// were trained in bf16 and leave the range of fp16.
Precision fused_precision(Architecture architecture);

/// A poser of one rest image, an image tensor [4, 512, 512], by a teacher's networks on a GPU, as fast as
/// they go: weights and images channels-last, so that what lies between convolutions are kernels of our own,
/// and each batch captured as a whole (GraphedPoser). The networks are moved, also for their other owners. On
/// a CPU, see play_by_fused_kernels().
/// \param precision  of the networks on a GPU; images and positions are float32
std::unique_ptr<Poser> make_fused_teacher_poser(Teacher teacher, const at::Tensor& rest_image,
                                                c10::Device device, Precision precision);

/// Lets kernels of the project's own play the networks of \p teacher from now on, which are moved to
/// \p device, also for its other owners: for images that change, where make_fused_teacher_poser() is for one.
/// On a CPU by as many threads as LibTorch uses. Gradients do not flow through kernels, and they know nothing
/// of weights that change. Frames of trained teachers are within 50 dB of those of the networks in float32.
/// \param precision  of the networks on a GPU: fp16 or bf16
void play_by_fused_kernels(Teacher& teacher, c10::Device device, Precision precision);

/// What the kernels use on this machine's CPU, as messages call it, for example "AVX3, bf16".
std::string cpu_teacher_kernels();

}  // namespace tha4
