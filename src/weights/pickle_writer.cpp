#include "pickle_writer.h"

#include <limits>
#include <utility>

#include "byte_order.h"

namespace tha4 {

StateDictPickle::StateDictPickle() : bytes_("\x80\x02") {
  append_empty_ordered_dict();
  bytes_ += '(';
}

void StateDictPickle::add(std::string_view name, const TensorType& type, std::span<const std::int64_t> shape,
                          const std::string& storage_key) {
  std::int64_t elements = 1;
  for (const std::int64_t size : shape) elements *= size;

  // PyTorch has no class of storage for its newer element types; their tensors name the type instead.
  const bool typed = !type.storage.empty();
  append_text(name);
  append_global("torch._utils", typed ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3");
  bytes_ += "((";
  append_text("storage");
  append_global(typed ? "torch" : "torch.storage", typed ? std::string(type.storage) : "UntypedStorage");
  append_text(storage_key);
  append_text("cpu");
  append_integer(typed ? elements : elements * static_cast<std::int64_t>(type.size));
  bytes_ += "tQ";
  append_integer(0);
  append_integers(shape);
  append_integers(contiguous_strides(shape));
  bytes_ += '\x89';  // needs no gradient
  append_empty_ordered_dict();
  if (!typed) append_global("torch", std::string(type.name));
  bytes_ += "tR";
}

std::string StateDictPickle::finish() {
  return std::move(bytes_) + "u.";
}

void StateDictPickle::append_text(std::string_view text) {
  bytes_ += 'X';
  append_number<std::uint32_t>(bytes_, static_cast<std::uint32_t>(text.size()));
  bytes_ += text;
}

void StateDictPickle::append_integer(std::int64_t value) {
  if (value >= 0 && value <= std::numeric_limits<std::int32_t>::max()) {
    bytes_ += 'J';
    append_number<std::uint32_t>(bytes_, static_cast<std::uint32_t>(value));
  } else {
    bytes_ += "\x8a\x08";
    append_number<std::uint64_t>(bytes_, static_cast<std::uint64_t>(value));
  }
}

void StateDictPickle::append_integers(std::span<const std::int64_t> values) {
  bytes_ += '(';
  for (const std::int64_t value : values) append_integer(value);
  bytes_ += 't';
}

void StateDictPickle::append_global(const std::string& module, const std::string& name) {
  const std::string global = "c" + module + "\n" + name + "\n";
  const auto slot = static_cast<std::uint8_t>(memo_.size());
  const auto [known, is_new] = memo_.emplace(global, slot);
  bytes_ += is_new ? global + "q" : "h";
  bytes_ += static_cast<char>(known->second);
}

void StateDictPickle::append_empty_ordered_dict() {
  append_global("collections", "OrderedDict");
  bytes_ += ")R";
}

}  // namespace tha4
