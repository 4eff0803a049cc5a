#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "channel_map.h"
#include "map_player.h"

#include "tha4/engine/tile_workers.h"
#include "tha4/nn/teacher/teacher.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Lets kernels for CPUs play the U-Nets and encoder-decoders of \p teacher, also for their other owners; but
/// for that of the eyebrow's layers, which an image goes through once.
/// \param type  of U-Nets; encoder-decoders have float32
void play_by_kernels(const Teacher& teacher, MapType type, std::shared_ptr<TileWorkers> workers);

/// The same of one U-Net.
/// \param joined  of the paper's editor, see make_unet_program(); or none
void play_unet_by_kernels(UNetImpl& unet, const Convolution& joined, std::shared_ptr<MapPlayer> player);

/// The same of one encoder-decoder.
void play_encoder_decoder_by_kernels(PoseEncoderDecoderImpl& network, std::shared_ptr<MapPlayer> player);

/// The type in which this processor plays teachers fastest: bf16 where it multiplies such numbers.
MapType usual_map_type();

/// Why the kernels cannot play teachers of \p architecture on this processor; nothing where they can.
std::optional<std::string_view> why_no_cpu_teacher(Architecture architecture);

/// Lets kernels play \p teacher, which is on the CPU and float32, by as many threads as LibTorch uses.
void play_on_cpu(const Teacher& teacher);

/// A poser of one rest image by play_on_cpu(). The networks are moved to the CPU and float32, also for their
/// other owners.
std::unique_ptr<Poser> make_cpu_teacher_poser(Teacher teacher, const at::Tensor& rest_image);

}  // namespace tha4
