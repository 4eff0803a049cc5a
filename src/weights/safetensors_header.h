#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor_type.h"

#include "tha4/base/input_file.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {

/// One tensor of a safetensors file; offsets count from the start of the data.
struct SafetensorsEntry {
  std::string name;
  const TensorType* type = nullptr;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;
  TensorMetadata metadata;
  std::uint64_t data_offset = 0;  ///< bytes from the start of the file
};

/// Headers larger than this are refused, as the format's own library does.
constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;

/// Reads the header of \p file and checks all of it against the size of the file, but reads no data. Throws
/// InputError.
SafetensorsHeader read_safetensors_header(const InputFile& file);

/// Whether the first bytes of \p file look like safetensors.
bool looks_like_safetensors(const InputFile& file);

}  // namespace tha4
