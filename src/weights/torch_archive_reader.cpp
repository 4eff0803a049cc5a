#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "input_file.h"
#include "unpickler.h"
#include "zip_reader.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/weights/torch_archive.h"

namespace tha4 {
namespace {

constexpr std::size_t kLargestPickle = 16 << 20;
/// Copies of strided views may take this many times the size of the file, or the least allowance.
constexpr std::uint64_t kMostCopies = 4;
constexpr std::uint64_t kLeastAllowance = 64 << 20;

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

void check_is_zip(const InputFile& file) {
  std::array<std::byte, 2> begin{};
  file.read(0, std::span(begin).first(std::min<std::uint64_t>(file.size(), begin.size())));
  if (begin == std::array{std::byte{'P'}, std::byte{'K'}}) return;
  if (begin[0] == std::byte{0x80}) {
    file.fail(
        "was saved in the format of PyTorch before 1.6; convert it in Python: "
        "torch.save(torch.load('old.pt', map_location='cpu'), 'new.pt')");
  }
  file.fail("is not a file of torch.save");
}

class TorchArchive {
 public:
  explicit TorchArchive(const InputFile& file) : file_(file), zip_(file) {
    find_folder();
    check_byte_order();
    allowance_ = std::max(kLeastAllowance, kMostCopies * file_.size());
  }

  StateDict read() {
    const ZipEntry& entry = *zip_.find(folder_ + "data.pkl");
    pickle_ = unpickle(zip_.read_small(entry, kLargestPickle), file_.name());
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

  /// Everything lies in one folder of the archive, which PyTorch names after the file.
  void find_folder() {
    for (const ZipEntry& entry : zip_.entries()) {
      const std::size_t slash = entry.name.find('/');
      if (slash == std::string::npos || entry.name.substr(slash) != "/data.pkl") continue;
      if (!folder_.empty()) file_.fail("holds more than one file of torch.save");
      folder_ = entry.name.substr(0, slash + 1);
    }
    if (folder_.empty()) file_.fail("is a zip archive, but not one of torch.save: it has no data.pkl");
    if (zip_.find(folder_ + "constants.pkl") != nullptr) {
      file_.fail(
          "is a TorchScript program; save its weights, in Python: torch.save(model.state_dict(), ...)");
    }
  }

  void check_byte_order() const {
    const ZipEntry* entry = zip_.find(folder_ + "byteorder");
    if (entry == nullptr) return;
    const auto text = zip_.read_small(*entry, 16);
    if (std::string_view(reinterpret_cast<const char*>(text.data()), text.size()) != "little") {
      file_.fail(
          "was saved on a big-endian machine, which is not supported; load and save it on another one");
    }
  }

  /// The dict that holds the tensors: the whole, or its entry 'state_dict'.
  const PickleDict& state_dict() const {
    const auto* dict = pickle_.get_if<PickleDict>(pickle_.root);
    if (dict == nullptr) {
      file_.fail("holds " + std::string(kind_of(pickle_.values[pickle_.root])) +
                 "; expected is a dict from names to tensors");
    }
    for (const auto& [key, value] : dict->items) {
      const auto* name = pickle_.get_if<std::string_view>(key);
      const auto* inner = pickle_.get_if<PickleDict>(value);
      if (name != nullptr && *name == "state_dict" && inner != nullptr) return *inner;
    }
    return *dict;
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

  /// The entry of \p storage, whose size is checked.
  const ZipEntry& storage_entry(std::string_view name, const PickledStorage& storage) const {
    const ZipEntry* entry = zip_.find(folder_ + "data/" + std::string(storage.key));
    if (entry == nullptr) {
      file_.fail("the data of tensor " + in_quotes(name) + " are missing: the archive has no entry " +
                 in_quotes("data/" + std::string(storage.key)));
    }
    zip_.check_stored(*entry);
    const std::int64_t element_size =
        storage.type != nullptr ? static_cast<std::int64_t>(storage.type->size) : 1;
    std::int64_t size = 0;
    if (storage.elements < 0 || __builtin_mul_overflow(storage.elements, element_size, &size) ||
        static_cast<std::uint64_t>(size) != entry->size) {
      file_.fail("the storage of tensor " + in_quotes(name) + " is said to have " +
                 std::to_string(storage.elements) + " elements, but has " + std::to_string(entry->size) +
                 " bytes");
    }
    return *entry;
  }

  /// Bytes of a storage, read when it is first used and forgotten when it is no longer needed.
  /// \param for_a_copy  the caller is done with the bytes before it asks for others
  at::Tensor storage_bytes(std::string_view key, const ZipEntry& entry, bool for_a_copy) {
    const auto size = static_cast<std::int64_t>(entry.size);
    const bool last_use = --uses_[key] == 0;
    auto found = storages_.find(key);
    if (found == storages_.end() && last_use && for_a_copy) {
      // One buffer for all: memory that comes and goes between tensors that stay is not used again.
      if (!buffer_.defined() || buffer_.numel() < size) {
        buffer_.reset();
        buffer_ = at::empty({size}, at::kByte);
      }
      zip_.read_stored(entry, writable_bytes_of(buffer_).first(entry.size));
      return buffer_;
    }
    if (found == storages_.end()) {
      found = storages_.emplace(key, at::empty({size}, at::kByte)).first;
      zip_.read_stored(entry, writable_bytes_of(found->second));
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
    const ZipEntry& entry = storage_entry(name, tensor.storage);
    if (static_cast<std::uint64_t>(*end) > entry.size / tensor.type->size) {
      file_.fail("the tensor " + in_quotes(name) + " of shape " + shape_text(tensor.sizes) +
                 " reaches out of its storage of " + std::to_string(entry.size) + " bytes");
    }
    if (*count == 0) return at::empty(tensor.sizes, tensor.type->scalar);

    const auto strides = contiguous_strides(tensor.sizes);
    const bool contiguous = is_contiguous(tensor, strides);
    // Bytes of bool tensors can be any, those of a C++ bool only 0 and 1.
    const bool is_bool = tensor.type->scalar == at::kBool;
    const bool is_copied = !contiguous || is_bool;
    if (is_copied) use_allowance(name, tensor, static_cast<std::uint64_t>(*count) * tensor.type->size);
    const at::Tensor bytes = storage_bytes(tensor.storage.key, entry, is_copied);
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

  const InputFile& file_;
  ZipReader zip_;
  std::string folder_;
  Pickle pickle_;
  std::uint64_t allowance_ = 0;
  std::map<std::string_view, at::Tensor> storages_;
  at::Tensor buffer_;
  std::map<std::string_view, std::size_t> uses_;
};

}  // namespace

StateDict read_torch_archive(const std::filesystem::path& file) {
  const InputFile input(file);
  check_is_zip(input);
  return TorchArchive(input).read();
}

}  // namespace tha4
