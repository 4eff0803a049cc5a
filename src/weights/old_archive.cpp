#include "old_archive.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>

#include "pickled_tensors.h"
#include "unpickler.h"

namespace tha4 {
namespace {

constexpr std::uint64_t kMaxPickle = 16 << 20;
constexpr std::int64_t kVersion = 1001;
// The pickle of the magic number, after the byte for the protocol: a long of ten bytes.
constexpr std::array<unsigned char, 13> kMagic = {0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9,
                                                  0x20, 0x6a, 0xa8, 0x50, 0x19, '.'};
constexpr std::uint64_t kMagicSize = 2 + kMagic.size();

class OldArchive final : public StorageReader {
 public:
  explicit OldArchive(const InputFile& file) : file_(file) {
    check_version();
    check_byte_order();
    tensors_ = next_pickle();
    find_storages();
  }

  StateDict read_tensors() const { return build_tensors(tensors_, *this, file_); }

  std::uint64_t size(std::string_view key, std::string_view name) const override {
    const auto found = storages_.find(key);
    if (found == storages_.end()) {
      file_.fail("the data of tensor " + in_quotes(name) + " are missing");
    }
    return found->second.size;
  }

  void read(std::string_view key, std::span<std::byte> into) const override {
    file_.read(storages_.find(key)->second.offset, into);
  }

 private:
  struct Place {
    std::uint64_t offset;
    std::uint64_t size;
  };

  [[noreturn]] void fail() const {
    file_.fail("its description of the tensors is damaged; copy or download the file again");
  }

  /// The pickle at offset_, which is moved past it.
  Pickle next_pickle() {
    std::vector<std::byte> bytes(std::min(file_.size() - offset_, kMaxPickle));
    file_.read(offset_, bytes);
    Pickle pickle = unpickle(std::move(bytes), file_.name());
    offset_ += pickle.size;
    return pickle;
  }

  void check_version() {
    const Pickle pickle = next_pickle();
    const auto* version = pickle.get_if<std::int64_t>(pickle.root);
    if (version == nullptr || *version != kVersion) fail();
  }

  void check_byte_order() {
    const Pickle pickle = next_pickle();
    const auto* machine = pickle.get_if<PickleDict>(pickle.root);
    if (machine == nullptr) fail();
    for (const auto& [key, value] : machine->items) {
      const auto* name = pickle.get_if<std::string_view>(key);
      const auto* is_little = pickle.get_if<bool>(value);
      if (name == nullptr || *name != "little_endian") continue;
      if (is_little != nullptr && *is_little) return;
      file_.fail(
          "was saved on a big-endian machine, which is not supported; load and save it on another one");
    }
    fail();
  }

  /// Bytes of an element of each storage that the tensors name.
  std::map<std::string_view, std::uint64_t> element_sizes() const {
    std::map<std::string_view, std::uint64_t> sizes;
    for (const PickleValue& value : tensors_.values) {
      const auto* storage = std::get_if<PickledStorage>(&value);
      if (storage == nullptr) continue;
      const std::uint64_t size = storage->type != nullptr ? storage->type->size : 1;
      if (sizes.emplace(storage->key, size).first->second != size) fail();
    }
    return sizes;
  }

  void find_storages() {
    keys_ = next_pickle();
    const auto* keys = keys_.get_if<PickleList>(keys_.root);
    if (keys == nullptr) fail();
    const auto element_size = element_sizes();
    for (const PickleId id : keys->items) {
      const auto* key = keys_.get_if<std::string_view>(id);
      const auto found = key == nullptr ? element_size.end() : element_size.find(*key);
      if (found == element_size.end()) fail();
      const std::uint64_t count = read_count();
      if (count > (file_.size() - offset_) / found->second) {
        file_.fail("the file ends too early; is it cut off?");
      }
      const Place place{offset_, count * found->second};
      if (!storages_.emplace(*key, place).second) fail();
      offset_ += place.size;
    }
  }

  std::uint64_t read_count() {
    std::uint64_t count = 0;
    file_.read(offset_, std::as_writable_bytes(std::span(&count, 1)));
    offset_ += sizeof(count);
    return count;
  }

  const InputFile& file_;
  std::uint64_t offset_ = kMagicSize;
  Pickle tensors_;
  Pickle keys_;
  std::map<std::string_view, Place> storages_;
};

}  // namespace

bool looks_like_old_archive(const InputFile& file) {
  std::array<unsigned char, kMagicSize> begin{};
  if (file.size() < begin.size()) return false;
  file.read(0, std::as_writable_bytes(std::span(begin)));
  return begin[0] == 0x80 && std::equal(kMagic.begin(), kMagic.end(), begin.begin() + 2);
}

StateDict read_old_archive(const InputFile& file) {
  return OldArchive(file).read_tensors();
}

}  // namespace tha4
