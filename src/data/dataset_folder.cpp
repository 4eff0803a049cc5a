#include "dataset_folder.h"

#include <set>

#include "tha4/base/atomic_file.h"
#include "tha4/base/config.h"
#include "tha4/base/json_text.h"
#include "tha4/base/settings_difference.h"
#include "tha4/base/version.h"
#include "tha4/data/dataset.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSettingsName = "settings.json";
constexpr std::int64_t kMaxBytes = std::int64_t{1} << 50;

std::string text_of(const nlohmann::json& json) {
  return json_text(json, 1, '\t') + "\n";
}

/// Throws unless the folder is missing, empty, or holds nothing but what a job that was killed at its start
/// leaves behind.
void check_unused(const fs::path& folder) {
  std::error_code failure;
  if (!fs::exists(folder, failure)) return;
  if (!fs::is_directory(folder)) {
    throw InputError(folder.string() + " is a file, not a folder", Remedy::other_output);
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with(".settings.tmp-")) continue;
    throw InputError(folder.string() + " is not empty and holds no dataset", Remedy::other_output);
  }
}

}  // namespace

DatasetFolder::DatasetFolder(fs::path folder, nlohmann::json settings)
    : folder_(std::move(folder)), settings_(std::move(settings)) {
  settings_["format"] = kDatasetFormat;
  settings_["format_version"] = kDatasetVersion;
  settings_["project_version"] = version();
  try {
    join();
  } catch (const fs::filesystem_error& error) {
    throw Error("cannot use the folder " + folder_.string() + ": " + error.code().message());
  }
}

void DatasetFolder::join() const {
  const fs::path file = folder_ / kSettingsName;
  if (!fs::exists(file)) {
    check_unused(folder_);
    write_text_file(file, text_of(settings_));
  }
  // Read back even if it was just written: another job may have been faster.
  const nlohmann::json stored = read_json_file(file);
  if (!stored.is_object()) throw InputError(file.string() + " is damaged", Remedy::other_output);
  if (const auto difference = first_difference(stored, settings_)) {
    throw InputError(folder_.string() + " holds a dataset of other settings: " + difference->key + " is " +
                         difference->stored + " there and " + difference->present + " now",
                     Remedy::same_run_or_other_output);
  }
}

fs::path DatasetFolder::shard_file(const PlannedShard& shard) const {
  return folder_ / (shard.name + ".tar");
}

std::optional<ShardReport> DatasetFolder::finished(const PlannedShard& shard) const {
  const fs::path file = folder_ / "parts" / (shard.name + ".json");
  std::error_code missing;
  const std::uintmax_t bytes = fs::file_size(shard_file(shard), missing);
  if (missing || !fs::exists(file)) return std::nullopt;
  try {
    const nlohmann::json json = read_json_file(file);
    const ConfigReader reader(json, file.string());
    ShardReport report;
    report.samples = static_cast<std::uint64_t>(reader.integer("samples", 0, kMaxBytes));
    report.bytes = static_cast<std::uint64_t>(reader.integer("bytes", 0, kMaxBytes));
    for (const ConfigReader& skipped : reader.objects("skipped")) {
      report.skipped.push_back({skipped.get<std::string>("character"), skipped.get<std::string>("reason")});
    }
    if (report.bytes == bytes) return report;
  } catch (const InputError&) {
    // A damaged report is as good as none: the shard is made again.
  }
  return std::nullopt;
}

void DatasetFolder::store_report(const PlannedShard& shard, const ShardReport& report) const {
  nlohmann::json skipped = nlohmann::json::array();
  for (const auto& [id, reason] : report.skipped) skipped.push_back({{"character", id}, {"reason", reason}});
  write_text_file(
      folder_ / "parts" / (shard.name + ".json"),
      text_of({{"samples", report.samples}, {"bytes", report.bytes}, {"skipped", std::move(skipped)}}));
}

void DatasetFolder::remove_remains(const PlannedShard& shard) const {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored)) {
    if (entry.path().filename().string().starts_with("." + shard.name + ".tmp-")) {
      fs::remove(entry.path(), ignored);
    }
  }
}

std::vector<std::string> DatasetFolder::finish(const std::vector<PlannedShard>& plan,
                                               const CharacterSet& characters) const {
  nlohmann::json shards = nlohmann::json::array();
  nlohmann::json skipped = nlohmann::json::array();
  nlohmann::json samples = {{"train", 0}, {"test", 0}};
  nlohmann::json ids = {{"train", nlohmann::json::array()}, {"test", nlohmann::json::array()}};
  std::vector<std::string> missing;
  for (const PlannedShard& shard : plan) {
    const std::optional<ShardReport> report = finished(shard);
    if (!report) {
      missing.push_back(shard.name + ".tar");
      continue;
    }
    const std::string split(split_name(shard.split));
    shards.push_back({{"file", shard.name + ".tar"},
                      {"split", split},
                      {"samples", report->samples},
                      {"bytes", report->bytes}});
    samples[split] = samples[split].get<std::uint64_t>() + report->samples;
    std::set<std::string> left_out;
    for (const auto& [id, reason] : report->skipped) {
      left_out.insert(id);
      skipped.push_back({{"character", id}, {"reason", reason}});
    }
    for (const std::uint64_t index : shard.characters) {
      std::string id = characters.id(index);
      if (!left_out.contains(id)) ids[split].push_back(std::move(id));
    }
  }
  if (!missing.empty()) return missing;
  nlohmann::json dataset = settings_;
  dataset["samples"] = samples;
  dataset["shards"] = shards;
  dataset["characters_by_split"] = ids;
  dataset["skipped_characters"] = skipped;
  write_text_file(folder_ / kDatasetFileName, text_of(dataset));
  return {};
}

}  // namespace tha4
