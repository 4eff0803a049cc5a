#include "tensor_pickle.h"

#include <array>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

using Kind = PickleGlobal::Kind;

struct NamedGlobal {
  std::string_view module;
  std::string_view name;
  Kind kind;
};

constexpr std::array kGlobals = {
    NamedGlobal{"collections", "OrderedDict", Kind::ordered_dict},
    NamedGlobal{"torch", "Size", Kind::size},
    NamedGlobal{"torch._utils", "_rebuild_tensor", Kind::rebuild_tensor},
    NamedGlobal{"torch._utils", "_rebuild_tensor_v2", Kind::rebuild_tensor_v2},
    NamedGlobal{"torch._utils", "_rebuild_tensor_v3", Kind::rebuild_tensor_v3},
    NamedGlobal{"torch._utils", "_rebuild_parameter", Kind::rebuild_parameter},
    NamedGlobal{"torch._utils", "_rebuild_parameter_with_state", Kind::rebuild_parameter_with_state},
    NamedGlobal{"torch", "UntypedStorage", Kind::storage},
    NamedGlobal{"torch.storage", "UntypedStorage", Kind::storage},
};

[[noreturn]] void fail_call(const std::string& source) {
  throw InputError(source + ": a tensor, storage or dict in it is described in a way that is not understood");
}

/// The arguments of a call, checked for their kinds as they are asked for.
class Arguments {
 public:
  Arguments(const Pickle& pickle, PickleId tuple, const std::string& source)
      : pickle_(pickle), source_(source) {
    const auto* arguments = pickle.get_if<PickleTuple>(tuple);
    if (arguments == nullptr) fail_call(source);
    items_ = arguments->items;
  }

  std::size_t count() const { return items_.size(); }

  template <class T>
  const T& at(std::size_t index) const {
    const T* value = index < items_.size() ? pickle_.get_if<T>(items_[index]) : nullptr;
    if (value == nullptr) fail_call(source_);
    return *value;
  }

  template <class T>
  bool has(std::size_t index) const {
    return index < items_.size() && pickle_.get_if<T>(items_[index]) != nullptr;
  }

  /// Element \p element, a list of two, of the list \p index.
  std::pair<PickleId, PickleId> pair_at(std::size_t index, std::size_t element) const {
    const auto* pair = pickle_.get_if<PickleList>(at<PickleList>(index).items[element]);
    if (pair == nullptr || pair->items.size() != 2) fail_call(source_);
    return {pair->items[0], pair->items[1]};
  }

  /// A tuple that is small enough to be copied for each of many calls.
  const PickleTuple& shape_at(std::size_t index) const {
    const auto& tuple = at<PickleTuple>(index);
    if (tuple.items.size() > kMaxDimensions) fail_call(source_);
    return tuple;
  }

  std::vector<std::int64_t> integers_at(std::size_t index) const {
    std::vector<std::int64_t> integers;
    for (const PickleId item : shape_at(index).items) {
      const auto* integer = pickle_.get_if<std::int64_t>(item);
      if (integer == nullptr) fail_call(source_);
      integers.push_back(*integer);
    }
    return integers;
  }

 private:
  const Pickle& pickle_;
  const std::string& source_;
  std::span<const PickleId> items_;
};

/// Arguments: storage, offset, sizes, strides, and ones that do not matter for the values.
PickledTensor rebuild_tensor(const Arguments& arguments) {
  PickledTensor tensor;
  tensor.storage = arguments.at<PickledStorage>(0);
  tensor.type = tensor.storage.type;
  tensor.offset = arguments.at<std::int64_t>(1);
  tensor.sizes = arguments.integers_at(2);
  tensor.strides = arguments.integers_at(3);
  return tensor;
}

/// Of a list of lists of a key and a value, as Python 2 wrote ordered dicts.
PickleDict dict_of(const Arguments& arguments) {
  PickleDict dict;
  for (std::size_t i = 0; i < arguments.at<PickleList>(0).items.size(); ++i) {
    dict.items.push_back(arguments.pair_at(0, i));
  }
  return dict;
}

}  // namespace

PickleGlobal known_global(std::string_view module, std::string_view name, const std::string& source) {
  for (const NamedGlobal& global : kGlobals) {
    if (global.module == module && global.name == name) return {global.kind};
  }
  if (module == "torch.cuda") {
    if (const TensorType* type = tensor_type_of_storage(name)) return {Kind::storage, type};
  }
  if (module == "torch") {
    if (const TensorType* type = tensor_type_of_storage(name)) return {Kind::storage, type};
    if (const TensorType* type = tensor_type_named(name)) return {Kind::element_type, type};
  }
  throw InputError(source + ": contains " + in_quotes(std::string(module) + "." + std::string(name)) +
                   ", which is not a tensor, a storage or an ordered dict; save only the weights, in Python: "
                   "torch.save(model.state_dict(), ...)");
}

PickleValue call_global(const Pickle& pickle, PickleId function, PickleId tuple, const std::string& source) {
  const auto* global = pickle.get_if<PickleGlobal>(function);
  if (global == nullptr) fail_call(source);
  const Arguments arguments(pickle, tuple, source);
  switch (global->kind) {
    case Kind::ordered_dict:
      return arguments.count() == 0 ? PickleDict{} : dict_of(arguments);
    case Kind::size:
      return PickleTuple{arguments.shape_at(0)};
    case Kind::rebuild_tensor:
    case Kind::rebuild_tensor_v2: {
      PickledTensor tensor = rebuild_tensor(arguments);
      if (tensor.type == nullptr) fail_call(source);
      // A seventh argument marks views that are conjugated or negated.
      if (arguments.count() > 6 && !arguments.at<PickleDict>(6).items.empty()) fail_call(source);
      return tensor;
    }
    case Kind::rebuild_tensor_v3: {
      PickledTensor tensor = rebuild_tensor(arguments);
      const auto& type = arguments.at<PickleGlobal>(6);
      if (type.kind != Kind::element_type) fail_call(source);
      tensor.type = type.type;
      return tensor;
    }
    case Kind::rebuild_parameter:
    case Kind::rebuild_parameter_with_state:
      return arguments.at<PickledTensor>(0);
    case Kind::storage:
    case Kind::element_type:
      break;
  }
  fail_call(source);
}

PickledStorage storage_of_persistent_id(const Pickle& pickle, PickleId id, const std::string& source) {
  // ("storage", class, key, device that it was on, number of elements), and before PyTorch 1.6 the part of
  // another storage that it is.
  const Arguments arguments(pickle, id, source);
  const auto& storage_class = arguments.at<PickleGlobal>(1);
  const bool well_formed =
      (arguments.count() == 5 || (arguments.count() == 6 && arguments.has<PickleNone>(5))) &&
      arguments.at<std::string_view>(0) == "storage" && storage_class.kind == Kind::storage;
  if (!well_formed) fail_call(source);
  return {storage_class.type, arguments.at<std::string_view>(2), arguments.at<std::int64_t>(4)};
}

}  // namespace tha4
