#pragma once

#include <optional>
#include <string_view>

#include <c10/core/Device.h>

#include "tha4/base/device.h"
#include "tha4/poser/character.h"

namespace tha4 {

/// What computes a student's frames.
enum class Engine {
  fused,     ///< the project's own kernels, see fused_student.h
  reference  ///< the networks, layer by layer, by LibTorch
};

/// "fused" or "reference"; parse_engine() throws InputError for other texts.
std::string_view engine_name(Engine engine);
Engine parse_engine(std::string_view text);

/// Why fused kernels cannot play \p character on \p device in \p precision; nothing where they can.
std::optional<std::string_view> why_not_fused(const Character& character, c10::Device device,
                                              Precision precision);

}  // namespace tha4
