#include "tha4/weights/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <system_error>
#include <vector>

#include "safetensors_header.h"
#include "tensor_type.h"
#include <torch/types.h>
#include <zlib.h>

#include "tha4/base/error.h"
#include "tha4/base/json_nesting.h"
#include "tha4/base/json_text.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".safetensors";
constexpr std::size_t kDigits = 10;
constexpr const char* kStateKey = "tha4.checkpoint";
constexpr const char* kChecksumKey = "tha4.checksum";

fs::path checkpoints_folder(const fs::path& run) {
  return run / "checkpoints";
}

std::string file_name(std::int64_t examples_seen) {
  std::string digits = std::to_string(examples_seen);
  if (digits.size() < kDigits) digits.insert(0, kDigits - digits.size(), '0');
  return digits.append(kExtension);
}

/// Examples seen by the checkpoint called \p name; nothing when it is not a checkpoint's name.
std::optional<std::int64_t> examples_seen_of(const std::string& name) {
  std::int64_t examples_seen = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), examples_seen);
  if (error != std::errc{} || examples_seen < 0 || file_name(examples_seen) != name) return std::nullopt;
  return examples_seen;
}

using NewestFirst = std::map<std::int64_t, fs::path, std::greater<>>;

NewestFirst checkpoints_of(const fs::path& run) {
  NewestFirst checkpoints;
  std::error_code none;
  for (const auto& item : fs::directory_iterator(checkpoints_folder(run), none)) {
    if (const auto examples_seen = examples_seen_of(item.path().filename().string())) {
      checkpoints.emplace(*examples_seen, item.path());
    }
  }
  return checkpoints;
}

void remove_old_checkpoints(const fs::path& run, const fs::path& written, int keep) {
  std::error_code ignored;
  int kept = 1;
  for (const auto& [examples_seen, path] : checkpoints_of(run)) {
    if (path == written) continue;
    if (kept < keep) {
      ++kept;
    } else {
      fs::remove(path, ignored);
    }
  }
}

/// Removes the temporary files of writers that were killed.
void remove_unfinished(const fs::path& run) {
  std::error_code ignored;
  std::vector<fs::path> unfinished;
  for (const auto& item : fs::directory_iterator(checkpoints_folder(run), ignored)) {
    const std::string name = item.path().filename().string();
    if (name.starts_with('.') && name.find(".tmp-") != std::string::npos) unfinished.push_back(item.path());
  }
  for (const fs::path& path : unfinished) fs::remove(path, ignored);
}

nlohmann::json state_of(const TensorMetadata& metadata, const std::string& file) {
  const auto found = metadata.find(kStateKey);
  if (found == metadata.end()) {
    throw InputError(file + ": is not a checkpoint, but a plain file of weights");
  }
  check_json_nesting(found->second, file);
  nlohmann::json state = nlohmann::json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  if (state.is_discarded()) throw InputError(file + ": the state in this checkpoint is damaged");
  return state;
}

/// CRC-32 of all that a checkpoint holds: names, types, shapes and values of the tensors, and the state.
std::string checksum_of(const StateDict& tensors, const std::string& state) {
  uLong sum = crc32(0, nullptr, 0);
  const auto add = [&](const void* bytes, std::size_t size) {
    sum = crc32_z(sum, static_cast<const Bytef*>(bytes), size);
  };
  const auto add_text = [&](const std::string& text) { add(text.c_str(), text.size() + 1); };
  // In a file, tensors are in an order of their own.
  std::vector<std::string> names = tensors.keys();
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const at::Tensor tensor = tensors[name].detach().cpu().contiguous();
    add_text(name);
    add_text(std::string(tensor_type_of(tensor.scalar_type())->name) + shape_text(tensor.sizes()));
    add(tensor.data_ptr(), tensor.nbytes());
  }
  add_text(state);
  return std::to_string(sum);
}

/// Checkpoints of before have no checksum.
void check_sum(const Checkpoint& checkpoint, const TensorMetadata& metadata, const std::string& file) {
  const auto stored = metadata.find(kChecksumKey);
  if (stored == metadata.end()) return;
  if (stored->second == checksum_of(checkpoint.tensors, metadata.at(kStateKey))) return;
  throw InputError(file + ": is damaged: what it holds does not have its checksum");
}

}  // namespace

fs::path write_checkpoint(const fs::path& run, std::int64_t examples_seen, const Checkpoint& checkpoint,
                          int keep) {
  if (examples_seen < 0) throw Error("a checkpoint cannot have seen a negative number of examples");
  const fs::path file = checkpoints_folder(run) / file_name(examples_seen);
  remove_unfinished(run);
  const std::string state = json_text(checkpoint.state);
  write_safetensors(file, checkpoint.tensors,
                    {{kStateKey, state}, {kChecksumKey, checksum_of(checkpoint.tensors, state)}});
  remove_old_checkpoints(run, file, keep);
  return file;
}

std::optional<fs::path> latest_checkpoint(const fs::path& run, const Context& context) {
  for (const auto& [examples_seen, path] : checkpoints_of(run)) {
    try {
      read_checkpoint(path);
      return path;
    } catch (const InputError& error) {
      context.warn(std::string("this checkpoint is passed over: ") + error.what());
    }
  }
  // To begin anew would in time remove what may still be brought back from a copy.
  if (!checkpoints_of(run).empty()) {
    throw InputError("none of the checkpoints in " + checkpoints_folder(run).string() +
                         " is whole; bring one back from a copy, or start again",
                     Remedy::other_output);
  }
  return std::nullopt;
}

Checkpoint read_checkpoint(const fs::path& file) {
  TensorMetadata metadata;
  Checkpoint checkpoint;
  checkpoint.tensors = read_safetensors(file, &metadata);
  checkpoint.state = state_of(metadata, file.string());
  check_sum(checkpoint, metadata, file.string());
  return checkpoint;
}

}  // namespace tha4
