#include "tha4/weights/weights_storage.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "stored_state.h"
#include "tensor_type.h"
#include "weights_pieces.h"

#include "tha4/base/error.h"
#include "tha4/weights/torch_archive.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::array kStorages = {std::pair{"float32", WeightsStorage::float32},
                                  std::pair{"float16", WeightsStorage::float16},
                                  std::pair{"int8", WeightsStorage::int8}};

std::vector<fs::path> write_archive(const fs::path& file, const StateDict& state, WeightsStorage storage,
                                    bool in_pieces) {
  if (storage == WeightsStorage::int8 || in_pieces) {
    throw InputError("cannot write " + file.string() + (in_pieces ? " in pieces" : " as int8") +
                     ": only .safetensors files can be");
  }
  if (storage == WeightsStorage::as_is) {
    write_torch_archive(file, state);
  } else {
    write_torch_archive(file, stored_state(state, storage, file.string()).tensors);
  }
  return {file};
}

/// Removes what was there under the name of \p file but is not of \p written, so that it is not read instead.
void remove_others(const fs::path& file, const std::vector<fs::path>& written) {
  std::vector<fs::path> others = pieces_beside(file);
  others.push_back(file);
  for (const fs::path& other : others) {
    std::error_code failure;
    if (std::ranges::find(written, other) != written.end()) continue;
    fs::remove(other, failure);
    if (failure) {
      throw Error("cannot remove " + other.string() + ", which " + written.front().string() +
                  " replaces: " + failure.message());
    }
  }
}

}  // namespace

WeightsStorage parse_weights_storage(const std::string& name) {
  const auto found = std::ranges::find(kStorages, name, [](const auto& item) { return item.first; });
  if (found != kStorages.end()) return found->second;
  throw InputError("weights cannot be kept as " + in_quotes(name) + "; name float32, float16 or int8");
}

std::vector<fs::path> write_weights(const fs::path& file, const StateDict& state, WeightsStorage storage,
                                    std::optional<std::uint64_t> largest_file) {
  if (file.extension() == ".pt") return write_archive(file, state, storage, largest_file.has_value());
  if (file.extension() != ".safetensors") {
    throw InputError("cannot write " + file.string() + ": its name must end in .pt or .safetensors");
  }
  const StoredState stored = stored_state(state, storage, file.string());
  std::vector<fs::path> written = {file};
  if (largest_file) {
    written = write_pieces(file, stored, *largest_file);
  } else {
    write_safetensors(file, stored.tensors, stored.metadata);
  }
  remove_others(file, written);
  return written;
}

}  // namespace tha4
