#pragma once

#include <memory>

#include "gpu_convolutions.h"
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include "tha4/nn/teacher/teacher.h"

namespace tha4 {

/// Whether the kernels of map_convolution.cu can be used on \p device: one of compute capability 8.0 or
/// newer.
bool has_map_convolutions(c10::Device device);

/// Lets kernels of ours play the U-Nets and encoder-decoders of \p teacher, also for its other owners, where
/// they can and are exact enough: each is tried beside its layers first. The log says how many there are.
/// \param teacher  on \p device, in float32
/// \param type     of the maps: float16 or bfloat16; for others nothing is done
/// \return whether they play one
bool play_by_gpu_kernels(const Teacher& teacher, c10::Device device, c10::ScalarType type);

/// The same by \p convolutions, whatever they are.
/// \return how many networks are played
int play_by_gpu_kernels(const Teacher& teacher, const std::shared_ptr<GpuConvolutions>& convolutions);

}  // namespace tha4
