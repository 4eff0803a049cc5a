#include <array>
#include <utility>

#include "old_archive.h"
#include "pickled_tensors.h"
#include "unpickler.h"
#include "zip_reader.h"

#include "tha4/base/input_file.h"
#include "tha4/weights/torch_archive.h"

namespace tha4 {
namespace {

constexpr std::size_t kMaxPickle = 16 << 20;

bool looks_like_zip(const InputFile& file) {
  std::array<std::byte, 2> begin{};
  if (file.size() < begin.size()) return false;
  file.read(0, begin);
  return begin == std::array{std::byte{'P'}, std::byte{'K'}};
}

/// The zip format of PyTorch 1.6 and newer.
class TorchArchive final : public StorageReader {
 public:
  explicit TorchArchive(const InputFile& file) : file_(file), zip_(file) {
    find_folder();
    check_byte_order();
  }

  StateDict read_tensors() const {
    const ZipEntry& description = *zip_.find(folder_ + "data.pkl");
    return build_tensors(unpickle(zip_.read_small(description, kMaxPickle), file_.name()), *this, file_);
  }

  std::uint64_t size(std::string_view key, std::string_view name) const override {
    const ZipEntry* storage = entry(key);
    if (storage == nullptr) {
      file_.fail("the data of tensor " + in_quotes(name) + " are missing: the archive has no entry " +
                 in_quotes("data/" + std::string(key)));
    }
    zip_.check_size(*storage);
    return storage->size;
  }

  void read(std::string_view key, std::span<std::byte> into) const override { zip_.read(*entry(key), into); }

 private:
  /// Everything lies in one folder of the archive, which PyTorch names after the file. One that was unpacked
  /// and packed again may have no folder, or one more.
  void find_folder() {
    constexpr std::string_view kDescription = "data.pkl";
    bool is_found = false;
    for (const ZipEntry& entry : zip_.entries()) {
      if (entry.name != kDescription && !entry.name.ends_with("/data.pkl")) continue;
      if (std::exchange(is_found, true)) file_.fail("holds more than one file of torch.save");
      folder_ = entry.name.substr(0, entry.name.size() - kDescription.size());
    }
    if (!is_found) {
      for (const ZipEntry& entry : zip_.entries()) {
        if (entry.name.ends_with(".pt") || entry.name.ends_with(".safetensors")) {
          file_.fail("is a zip archive in which files lie, among them " + in_quotes(entry.name) +
                     "; unpack it, and put that file in its place");
        }
      }
      file_.fail("is a zip archive, but not one of torch.save: it has no data.pkl");
    }
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

  const ZipEntry* entry(std::string_view key) const {
    return zip_.find(folder_ + "data/" + std::string(key));
  }

  const InputFile& file_;
  ZipReader zip_;
  std::string folder_;
};

}  // namespace

StateDict read_torch_archive(const std::filesystem::path& file) {
  const InputFile input(file);
  if (looks_like_zip(input)) return TorchArchive(input).read_tensors();
  if (looks_like_old_archive(input)) return read_old_archive(input);
  input.fail("is not a file of torch.save");
}

}  // namespace tha4
