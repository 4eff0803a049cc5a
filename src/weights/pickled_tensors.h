#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "pickle_value.h"

#include "tha4/base/input_file.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {

/// Where the bytes of the storages are that a pickle names.
class StorageReader {
 public:
  virtual ~StorageReader() = default;

  /// The bytes that the storage \p key of tensor \p name really has. Throws InputError when it is missing.
  virtual std::uint64_t size(std::string_view key, std::string_view name) const = 0;

  /// Reads the storage \p key to \p into, which is as large. Throws InputError when it is damaged.
  virtual void read(std::string_view key, std::span<std::byte> into) const = 0;
};

/// The tensors that \p pickle describes: those of its dict from names to tensors, or of the one under
/// 'state_dict'. Each storage is read once, straight to its place. Throws InputError that names \p file for
/// pickles of other things and tensors that do not fit their storages.
StateDict build_tensors(const Pickle& pickle, const StorageReader& storages, const InputFile& file);

}  // namespace tha4
