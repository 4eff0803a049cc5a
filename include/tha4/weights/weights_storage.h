#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// How the floating-point tensors of a network are kept in a file. Of float16 and int8, tensors of less than
/// two dimensions (biases, norms), of fewer than 1,024 elements or of fewer than 8 elements for each index of
/// dimension 0 are kept as float32: they take little room, and errors of theirs are seen most. Tensors of
/// integers and booleans stay as they are. read_weights gives what int8 keeps as float32, all else in the
/// type of the file.
enum class WeightsStorage {
  as_is,    ///< each tensor in its own type
  float32,  ///< plain float32
  float16,  ///< half the size
  int8      ///< about a quarter of the size, see below
};

// int8: a safetensors file with a tensor X of type I8 and shape [C, ...] for each large tensor X of the
// network, and beside it X.scale of type F32 and shape [C]: the weight is X[c, ...] * X.scale[c], and
// dimension 0 is the output channel. Integers are rounded to the nearest one and lie within -127 and 127, so
// that an error is at most half a scale; channels whose weights are all below 1e-36 become 0. Scales have 17
// significant bits, so that every product is a float32 without rounding, and what was read is written as the
// same bytes again. The texts of the file are {"format": "pt", "quantization": "int8 per output channel"}.

/// "float32", "float16" or "int8". Throws InputError for other names.
WeightsStorage parse_weights_storage(const std::string& name);

/// As write_weights(file, state), with floating-point tensors kept as \p storage, in as many files of at most
/// \p largest_file bytes as it takes: where one does not suffice, NAME.safetensors becomes
/// NAME-00001-of-0000N.safetensors and so on, at most 999 of them, a tensor and its scale always in one. Each
/// is a safetensors file by itself with the text "piece_set", which differs between sets; read_weights of
/// NAME.safetensors puts them together. All that was there under this name, whole or in pieces, is replaced:
/// all of the new files are on the disk before any takes its name. Returns the files.
///
/// .pt files take neither int8 nor a largest size. Throws InputError for that, for values that are not finite
/// or too large for the type, for names that end in .scale with int8, and where a tensor does not fit a file.
std::vector<std::filesystem::path> write_weights(const std::filesystem::path& file, const StateDict& state,
                                                 WeightsStorage storage,
                                                 std::optional<std::uint64_t> largest_file = std::nullopt);

}  // namespace tha4
