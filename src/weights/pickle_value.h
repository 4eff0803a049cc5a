#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tensor_type.h"

namespace tha4 {

/// A value of a pickle, by its number. Values refer to each other by number, so that nesting and cycles made
/// by a hostile file cost no recursion.
using PickleId = std::uint32_t;

struct PickleNone {};

struct PickleTuple {
  std::vector<PickleId> items;
};

struct PickleList {
  std::vector<PickleId> items;
};

/// dict or collections.OrderedDict, in the order of insertion.
struct PickleDict {
  std::vector<std::pair<PickleId, PickleId>> items;
};

/// One of the few classes and functions that a state dict may name.
struct PickleGlobal {
  enum class Kind {
    ordered_dict,
    size,
    storage,
    element_type,
    rebuild_tensor,
    rebuild_tensor_v2,
    rebuild_tensor_v3,
    rebuild_parameter,
    rebuild_parameter_with_state,
  };
  Kind kind;
  const TensorType* type = nullptr;  ///< of a storage or element type; null for an untyped storage
};

/// A storage of the archive; elements are counted in bytes when it has no type.
struct PickledStorage {
  const TensorType* type = nullptr;
  std::string_view key;
  std::int64_t elements = 0;
};

/// A view of a storage, nothing of it checked yet but the kinds of values.
struct PickledTensor {
  PickledStorage storage;
  const TensorType* type = nullptr;
  std::int64_t offset = 0;  ///< elements
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;  ///< elements
};

using PickleValue = std::variant<PickleNone, bool, std::int64_t, double, std::string_view, PickleTuple,
                                 PickleList, PickleDict, PickleGlobal, PickledStorage, PickledTensor>;

/// "a tensor", "a list" and so on, for messages.
std::string_view kind_of(const PickleValue& value);

/// A pickle that was read. Texts in it are views of `bytes`.
struct Pickle {
  std::vector<std::byte> bytes;
  std::vector<PickleValue> values;
  PickleId root = 0;
  std::size_t size = 0;  ///< how many of the bytes it takes up

  template <class T>
  const T* get_if(PickleId id) const {
    return std::get_if<T>(&values[id]);
  }
};

}  // namespace tha4
