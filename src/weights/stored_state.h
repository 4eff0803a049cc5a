#pragma once

#include <string>
#include <string_view>

#include "tha4/weights/safetensors.h"
#include "tha4/weights/weights_storage.h"

namespace tha4 {

constexpr std::string_view kScaleSuffix = ".scale";

/// The text of a safetensors file that says that its integers have scales, and what it says.
constexpr const char* kQuantizationKey = "quantization";
constexpr const char* kQuantization = "int8 per output channel";
constexpr const char* kPackedQuantization = "packed integers with steps";

/// The tensors of a network as a file keeps them, and the texts that tell.
struct StoredState {
  StateDict tensors;
  TensorMetadata metadata;
};

/// \p state as \p storage, each scale after its tensor. Throws InputError that names \p file and the tensor
/// for values or names that cannot be kept so.
StoredState stored_state(const StateDict& state, WeightsStorage storage, const std::string& file);

/// What stored_state was given, but for what rounding took: integers times their scales are float32. Throws
/// InputError that names \p file and the tensor when a scale is missing, surplus, of the wrong type or shape,
/// negative, not finite or too large, and for 8-bit integers of which \p stored does not say that they have
/// scales. Likewise of packed tensors (packed_weights.h).
StateDict plain_state(const StoredState& stored, const std::string& file);

}  // namespace tha4
