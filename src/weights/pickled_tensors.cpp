#include "pickled_tensors.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <torch/types.h>

namespace tha4 {
namespace {

/// Copies of strided views may take this many times the size of the file, or the least allowance.
constexpr std::uint64_t kMaxCopies = 4;
constexpr std::uint64_t kMinAllowance = 64 << 20;

/// Whether elements lie in order without gaps. Strides of dimensions of size 1 do not matter.
bool is_contiguous(const PickledTensor& tensor, std::span<const std::int64_t> strides) {
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
    if (tensor.sizes[i] > 1 && tensor.strides[i] != strides[i]) return false;
  }
  return true;
}

/// One past the last element that \p tensor touches; nothing when that is negative or overflows.
std::optional<std::int64_t> end_of_view(const PickledTensor& tensor) {
  if (tensor.offset < 0 || tensor.strides.size() != tensor.sizes.size()) return std::nullopt;
  if (std::ranges::find(tensor.sizes, 0) != tensor.sizes.end()) return 0;
  std::int64_t last = tensor.offset;
  for (std::size_t i = 0; i < tensor.sizes.size(); ++i) {
    std::int64_t step = 0;
    if (tensor.strides[i] < 0 || __builtin_mul_overflow(tensor.sizes[i] - 1, tensor.strides[i], &step) ||
        __builtin_add_overflow(last, step, &last)) {
      return std::nullopt;
    }
  }
  std::int64_t end = 0;
  return __builtin_add_overflow(last, 1, &end) ? std::nullopt : std::optional(end);
}

class TensorBuilder {
 public:
  TensorBuilder(const Pickle& pickle, const StorageReader& source, const InputFile& file)
      : pickle_(pickle),
        source_(source),
        file_(file),
        allowance_(std::max(kMinAllowance, kMaxCopies * file.size())) {}

  StateDict build() {
    const auto tensors = find_tensors();
    for (const auto& [name, tensor] : tensors) ++uses_[tensor->storage.key];
    StateDict state;
    state.reserve(tensors.size());
    for (const auto& [name, tensor] : tensors) {
      if (state.contains(std::string(name))) {
        file_.fail("two tensors are called " + in_quotes(name));
      }
      state.insert(std::string(name), build_tensor(name, *tensor));
    }
    return state;
  }

 private:
  using NamedTensor = std::pair<std::string_view, const PickledTensor*>;

  bool holds_tensors_alone(const PickleDict& dict) const {
    return !dict.items.empty() && std::ranges::all_of(dict.items, [&](const auto& item) {
      return pickle_.get_if<std::string_view>(item.first) != nullptr &&
             pickle_.get_if<PickledTensor>(item.second) != nullptr;
    });
  }

  /// Whether it is a tensor of numbers and of more than one element, which counters of training scripts and
  /// states of random generators are not.
  bool is_weight(PickleId value) const {
    const auto* tensor = pickle_.get_if<PickledTensor>(value);
    return tensor != nullptr && at::isFloatingType(tensor->type->scalar) &&
           std::ranges::any_of(tensor->sizes, [](std::int64_t size) { return size != 1; });
  }

  /// The dict that holds the tensors: the whole, its entry 'state_dict', or the one entry that holds tensors
  /// alone, in the whole or in a dict of it.
  const PickleDict& state_dict() const {
    const auto* dict = pickle_.get_if<PickleDict>(pickle_.root);
    if (dict == nullptr) {
      file_.fail("holds " + std::string(kind_of(pickle_.values[pickle_.root])) +
                 "; expected is a dict from names to tensors");
    }
    constexpr int kDeepest = 3;
    std::vector<std::pair<std::string, const PickleDict*>> found;
    collect_states(*dict, "", kDeepest, found);
    if (found.size() > 1) {
      std::string names;
      for (const auto& [name, inner] : found) names += (names.empty() ? "" : ", ") + in_quotes(name);
      file_.fail("holds several sets of weights: " + names +
                 "; save the one that is meant, in Python: torch.save(content['NAME'], ...)");
    }
    return found.empty() ? *dict : *found[0].second;
  }

  void collect_states(const PickleDict& dict, const std::string& path, int depth,
                      std::vector<std::pair<std::string, const PickleDict*>>& found) const {
    std::vector<std::pair<std::string, const PickleDict*>> others;
    const std::size_t before = found.size();
    for (const auto& [key, value] : dict.items) {
      if (is_weight(value)) {
        found.resize(before);
        if (!path.empty()) return;  // a mixture, of which nothing is known
        found.emplace_back("", &dict);
        return;
      }
      const auto* name = pickle_.get_if<std::string_view>(key);
      const auto* inner = pickle_.get_if<PickleDict>(value);
      if (name == nullptr || inner == nullptr) continue;
      const std::string whole = path + (path.empty() ? "" : ".") + std::string(*name);
      if (*name == "state_dict" || *name == "model_state_dict") {
        found.resize(before);
        found.emplace_back(whole, inner);
        return;
      }
      (holds_tensors_alone(*inner) ? found : others).emplace_back(whole, inner);
    }
    if (found.size() > before || depth == 0) return;
    for (const auto& [name, inner] : others) collect_states(*inner, name, depth - 1, found);
  }

  std::vector<NamedTensor> find_tensors() const {
    std::vector<NamedTensor> tensors;
    for (const auto& [key, value] : state_dict().items) {
      const auto* name = pickle_.get_if<std::string_view>(key);
      if (name == nullptr) {
        file_.fail("a key of its dict is " + std::string(kind_of(pickle_.values[key])) +
                   "; expected are names of tensors");
      }
      const auto* tensor = pickle_.get_if<PickledTensor>(value);
      if (tensor == nullptr) {
        file_.fail(in_quotes(*name) + " is " + std::string(kind_of(pickle_.values[value])) +
                   "; expected are tensors alone");
      }
      tensors.emplace_back(*name, tensor);
    }
    return tensors;
  }

  /// The size of \p storage in bytes, which is the one that the pickle says.
  std::uint64_t storage_size(std::string_view name, const PickledStorage& storage) const {
    const std::uint64_t found = source_.size(storage.key, name);
    const std::int64_t element_size =
        storage.type != nullptr ? static_cast<std::int64_t>(storage.type->size) : 1;
    std::int64_t size = 0;
    if (storage.elements < 0 || __builtin_mul_overflow(storage.elements, element_size, &size) ||
        static_cast<std::uint64_t>(size) != found) {
      file_.fail("the storage of tensor " + in_quotes(name) + " is said to have " +
                 std::to_string(storage.elements) + " elements, but has " + std::to_string(found) + " bytes");
    }
    return found;
  }

  /// Bytes of a storage, read when it is first used and forgotten when it is no longer needed.
  /// \param for_a_copy  the caller is done with the bytes before it asks for others
  at::Tensor storage_bytes(std::string_view key, std::uint64_t bytes_in_file, bool for_a_copy) {
    const auto size = static_cast<std::int64_t>(bytes_in_file);
    const bool last_use = --uses_[key] == 0;
    auto found = storages_.find(key);
    if (found == storages_.end() && last_use && for_a_copy) {
      // One buffer for all: memory that comes and goes between tensors that stay is not used again.
      if (!buffer_.defined() || buffer_.numel() < size) {
        buffer_.reset();
        buffer_ = at::empty({size}, at::kByte);
      }
      source_.read(key, writable_bytes_of(buffer_).first(bytes_in_file));
      return buffer_;
    }
    if (found == storages_.end()) {
      found = storages_.emplace(key, at::empty({size}, at::kByte)).first;
      source_.read(key, writable_bytes_of(found->second));
    }
    at::Tensor bytes = found->second;
    if (last_use) storages_.erase(found);
    return bytes;
  }

  at::Tensor build_tensor(std::string_view name, const PickledTensor& tensor) {
    const auto count = element_count(tensor.sizes);
    const auto end = end_of_view(tensor);
    if (!count || !end) {
      file_.fail("the shape of tensor " + in_quotes(name) + " is impossible: " + shape_text(tensor.sizes) +
                 " with strides " + shape_text(tensor.strides));
    }
    const std::uint64_t size = storage_size(name, tensor.storage);
    if (static_cast<std::uint64_t>(*end) > size / tensor.type->size) {
      file_.fail("the tensor " + in_quotes(name) + " of shape " + shape_text(tensor.sizes) +
                 " reaches out of its storage of " + std::to_string(size) + " bytes");
    }
    if (*count == 0) return at::empty(tensor.sizes, tensor.type->scalar);

    const auto strides = contiguous_strides(tensor.sizes);
    const bool contiguous = is_contiguous(tensor, strides);
    // Bytes of bool tensors can be any, those of a C++ bool only 0 and 1.
    const bool is_bool = tensor.type->scalar == at::kBool;
    const bool is_copied = !contiguous || is_bool;
    if (is_copied) use_allowance(name, tensor, static_cast<std::uint64_t>(*count) * tensor.type->size);
    const at::Tensor bytes = storage_bytes(tensor.storage.key, size, is_copied);
    at::Tensor view = at::empty({0}, is_bool ? at::kByte : tensor.type->scalar);
    view.set_(bytes.storage(), tensor.offset, tensor.sizes, contiguous ? strides : tensor.strides);
    if (is_bool) return view.contiguous().ne(0);
    return contiguous ? view : view.clone(at::MemoryFormat::Contiguous);
  }

  /// Strides of 0 repeat elements: a small file can describe tensors of any size.
  void use_allowance(std::string_view name, const PickledTensor& tensor, std::uint64_t size) {
    if (size > allowance_) {
      file_.fail("the tensor " + in_quotes(name) + " of shape " + shape_text(tensor.sizes) +
                 " repeats its elements far beyond the size of the file; save it with .contiguous()");
    }
    allowance_ -= size;
  }

  const Pickle& pickle_;
  const StorageReader& source_;
  const InputFile& file_;
  std::uint64_t allowance_;
  std::map<std::string_view, at::Tensor> storages_;
  at::Tensor buffer_;
  std::map<std::string_view, std::size_t> uses_;
};

}  // namespace

StateDict build_tensors(const Pickle& pickle, const StorageReader& storages, const InputFile& file) {
  return TensorBuilder(pickle, storages, file).build();
}

}  // namespace tha4
