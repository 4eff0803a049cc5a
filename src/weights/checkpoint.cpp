#include "tha4/weights/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <system_error>
#include <vector>

#include "safetensors_header.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/base/input_file.h"
#include "tha4/base/json_text.h"
#include "tha4/weights/safetensors.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExtension = ".safetensors";
constexpr std::size_t kDigits = 10;
constexpr const char* kStateKey = "tha4.checkpoint";

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
  nlohmann::json state = nlohmann::json::parse(found->second, nullptr, /*allow_exceptions=*/false);
  if (state.is_discarded()) throw InputError(file + ": the state in this checkpoint is damaged");
  return state;
}

}  // namespace

fs::path write_checkpoint(const fs::path& run, std::int64_t examples_seen, const Checkpoint& checkpoint,
                          int keep) {
  if (examples_seen < 0) throw Error("a checkpoint cannot have seen a negative number of examples");
  const fs::path file = checkpoints_folder(run) / file_name(examples_seen);
  remove_unfinished(run);
  write_safetensors(file, checkpoint.tensors, {{kStateKey, json_text(checkpoint.state)}});
  remove_old_checkpoints(run, file, keep);
  return file;
}

std::optional<fs::path> latest_checkpoint(const fs::path& run, const Context& context) {
  for (const auto& [examples_seen, path] : checkpoints_of(run)) {
    try {
      const InputFile file(path);
      state_of(read_safetensors_header(file).metadata, file.name());
      return path;
    } catch (const InputError& error) {
      context.warn(std::string("this checkpoint is passed over: ") + error.what());
    }
  }
  return std::nullopt;
}

Checkpoint read_checkpoint(const fs::path& file) {
  TensorMetadata metadata;
  Checkpoint checkpoint;
  checkpoint.tensors = read_safetensors(file, &metadata);
  checkpoint.state = state_of(metadata, file.string());
  return checkpoint;
}

}  // namespace tha4
