#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "tha4/weights/state_dict.h"

namespace tha4 {

/// How a tensor is packed: as integers of 16 bits times steps.
struct Packing {
  /// float32, above 0, of the shape of the tensor's first dimensions: all values behind one of its indices, a
  /// block, share a step. Where a step is too small for a value, it is made larger.
  at::Tensor steps;
  /// Values of a row of a block, which are like those in the row above and beside them, as in pictures; 0
  /// where neighbours are not alike.
  std::int64_t row = 0;
};

/// By names of tensors.
using Packings = std::map<std::string, Packing>;

/// Writes \p state as safetensors, of which tensors that have a packing are rounded to the nearest multiple
/// of their step and compressed, and all others are as they are; read_weights() gives float32 for packed
/// ones. Throws InputError for values that are not finite and steps of another shape, and where a name ends
/// as those below.
///
/// A packed tensor X is three tensors: X, U8, a zlib stream; X.step, F32, the steps; X.form, I64, the shape
/// and behind it `row`. The stream holds the lower bytes of all values and then their upper bytes. A value v
/// is an integer d of 16 bits as 2d where it is not negative, else -2d - 1; d is the integer less the
/// prediction, modulo 2^16. Within a block, with a the integer to the left, b the one above and c above to
/// the left, each 0 outside of the block, the prediction is min(a, b) where c >= max(a, b), max(a, b) where c
/// <= min(a, b), else a + b - c. With row = 0, it is 0. The texts of the file are {"format": "pt",
/// "quantization": "packed integers with steps"}.
void write_packed_weights(const std::filesystem::path& file, const StateDict& state,
                          const Packings& packings);

/// Whether \p file holds packed tensors, by its texts; false for what is no safetensors file.
bool is_packed_weights(const std::filesystem::path& file);

}  // namespace tha4
