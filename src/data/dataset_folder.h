#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shard_plan.h"
#include <nlohmann/json.hpp>

namespace tha4 {

inline constexpr const char* kDatasetFormat = "tha4-triples";
inline constexpr const char* kDatasetFileName = "dataset.json";

/// What the file parts/SHARD.json says of a finished shard.
struct ShardReport {
  struct SkippedCharacter {
    std::string id;
    std::string reason;
  };
  std::uint64_t samples = 0;
  std::uint64_t bytes = 0;
  std::vector<SkippedCharacter> skipped;
};

/// The folder of a dataset in the making:
/// - settings.json: what all jobs must agree on, written by the first;
/// - SPLIT-NUMBER.tar: the finished shards;
/// - parts/SPLIT-NUMBER.json: the report of each, written after it, so that a shard counts as finished only
///   with its report;
/// - dataset.json, when all shards are there.
class DatasetFolder {
 public:
  /// Creates the folder, or joins in where jobs of the same settings have been. Throws InputError, and
  /// touches nothing, if it holds anything else; the message names the first setting that differs.
  DatasetFolder(std::filesystem::path folder, nlohmann::json settings);

  std::filesystem::path shard_file(const PlannedShard& shard) const;

  /// The report of a finished shard; nothing if it is not there, or does not match its file.
  std::optional<ShardReport> finished(const PlannedShard& shard) const;
  void store_report(const PlannedShard& shard, const ShardReport& report) const;

  /// Removes what a killed job has left of a shard.
  void remove_remains(const PlannedShard& shard) const;

  /// Writes dataset.json if all of \p plan are finished; else returns the names of the others.
  std::vector<std::string> finish(const std::vector<PlannedShard>& plan,
                                  const CharacterSet& characters) const;

 private:
  void join() const;

  std::filesystem::path folder_;
  nlohmann::json settings_;
};

}  // namespace tha4
