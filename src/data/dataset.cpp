#include "tha4/data/dataset.h"

#include <limits>

#include "dataset_folder.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/json_nesting.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxDatasetFile = std::size_t{1} << 30;

nlohmann::json read_dataset_file(const fs::path& file) {
  const std::string text = read_text_file(file, kMaxDatasetFile);
  check_json_nesting(text, file.string());
  nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) throw InputError(file.string() + ": this is not valid JSON");
  return json;
}

void check_version(const ConfigReader& reader, const std::string& file) {
  if (!reader.has("format") || reader.get<std::string>("format") != kDatasetFormat) {
    throw InputError(file + " does not describe a dataset of posed triples", Remedy::make_dataset);
  }
  const auto version = reader.integer("format_version", 1, 1'000'000);
  if (version > kDatasetVersion) {
    reader.fail("format_version", "is " + std::to_string(version) + "; this program reads up to " +
                                      std::to_string(kDatasetVersion) + "; use a newer one");
  }
}

/// A shard must lie in the folder of its dataset.
bool is_file_name(const std::string& text) {
  return !text.empty() && text != "." && text != ".." &&
         text.find_first_of(std::string("/\0", 2)) == text.npos;
}

DatasetShard read_shard(const ConfigReader& reader, const fs::path& folder, const Context& context) {
  DatasetShard shard;
  const auto name = reader.get<std::string>("file");
  if (!is_file_name(name)) reader.fail("file", "must be the name of a file beside dataset.json");
  shard.file = folder / name;
  const auto split = reader.get<std::string>("split");
  if (split != "train" && split != "test") reader.fail("split", "must be train or test");
  shard.split = parse_split(split);
  shard.samples =
      static_cast<std::uint64_t>(reader.integer("samples", 0, std::numeric_limits<std::uint32_t>::max()));
  if (!fs::is_regular_file(shard.file)) {
    throw InputError(shard.file.string() +
                     " is missing; copy the whole folder of the dataset, or run the command "
                     "that made it once more");
  }
  const auto bytes = reader.integer("bytes", 0, std::int64_t{1} << 50);
  if (fs::file_size(shard.file) != static_cast<std::uintmax_t>(bytes)) {
    context.warn(fmt::format("{} has {} bytes where dataset.json says {}; is the copy complete?",
                             shard.file.string(), fs::file_size(shard.file), bytes));
  }
  return shard;
}

}  // namespace

Dataset open_dataset(const fs::path& path, const Context& context) {
  std::error_code ignored;
  const fs::path file = fs::is_directory(path, ignored) ? path / kDatasetFileName : path;
  if (!fs::exists(file, ignored)) {
    throw InputError(path.string() + " holds no dataset (no dataset.json)", Remedy::finish_dataset);
  }
  const nlohmann::json json = read_dataset_file(file);
  const ConfigReader reader(json, file.string());
  check_version(reader, file.string());
  Dataset dataset;
  dataset.folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const ConfigReader settings = reader.object("settings");
  dataset.step = parse_pose_step(settings.get_or<std::string>("step", "whole"));
  for (const ConfigReader& shard : reader.objects("shards")) {
    dataset.shards.push_back(read_shard(shard, dataset.folder, context));
  }
  const ConfigReader characters = reader.object("characters_by_split");
  dataset.train_characters = characters.get<std::vector<std::string>>("train");
  dataset.test_characters = characters.get<std::vector<std::string>>("test");
  return dataset;
}

std::vector<DatasetShard> shards_of(const Dataset& dataset, Split split) {
  std::vector<DatasetShard> shards;
  for (const DatasetShard& shard : dataset.shards) {
    if (shard.split == split) shards.push_back(shard);
  }
  return shards;
}

std::uint64_t sample_count(const Dataset& dataset, Split split) {
  std::uint64_t count = 0;
  for (const DatasetShard& shard : shards_of(dataset, split)) count += shard.samples;
  return count;
}

}  // namespace tha4
