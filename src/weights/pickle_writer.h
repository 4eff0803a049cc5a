#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tensor_type.h"

namespace tha4 {

/// Builds the pickle (protocol 2) of an ordered dict of tensors, as torch.save describes it, for
/// torch.load(weights_only=True).
class StateDictPickle {
 public:
  StateDictPickle();

  /// Adds a contiguous tensor whose elements are all of the storage called \p storage_key.
  void add(std::string_view name, const TensorType& type, std::span<const std::int64_t> shape,
           const std::string& storage_key);

  /// Ends the pickle and returns it.
  std::string finish();

 private:
  void append_text(std::string_view text);
  void append_integer(std::int64_t value);
  void append_integers(std::span<const std::int64_t> values);
  void append_global(const std::string& module, const std::string& name);
  void append_empty_ordered_dict();

  std::string bytes_;
  std::unordered_map<std::string, std::uint8_t> memo_;
};

}  // namespace tha4
