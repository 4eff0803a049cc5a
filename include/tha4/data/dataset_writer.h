#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/base/context.h"
#include "tha4/data/character_set.h"
#include "tha4/data/pose_step.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

/// How pictures are stored; both without loss.
enum class PictureEncoding { png, webp };

/// What fixes every byte of a dataset, together with the set of characters: configs/dataset/*.json.
struct DatasetSettings {
  PoseStep step = PoseStep::whole;
  int poses_per_character = 32;
  std::uint64_t seed = 0;      ///< of the poses
  double test_fraction = 0.1;  ///< see split_of()
  PictureEncoding encoding = PictureEncoding::png;
  int samples_per_shard = 1024;  ///< at most, but at least one whole character
  PoseDistribution distribution = PoseDistribution::natural;
  NaturalPoseDistribution natural = {};
};

/// Throws InputError, whose message begins with \p source, for keys that are unknown or missing and values
/// that are out of range.
DatasetSettings parse_dataset_settings(const nlohmann::json& json, const std::string& source);
nlohmann::json to_json(const DatasetSettings& settings);

/// All keys of such settings, explained: Markdown that also reads well in a terminal.
std::string dataset_settings_help();

/// Which of the shards a job of several writes: number `index`, counted from 1, of `count` jobs.
struct JobShare {
  int index = 1;
  int count = 1;
};

/// Reads "I/N", 1 <= I <= N. Throws InputError.
JobShare parse_job_share(const std::string& text);

/// What one process has to do.
struct DatasetJob {
  std::filesystem::path out;
  DatasetSettings settings = {};
  JobShare share = {};
  int threads = 0;  ///< 0: one for each core
};

/// What it did.
struct DatasetJobResult {
  std::uint64_t samples = 0;             ///< of this job's shards, those that were there already included
  std::uint64_t written = 0;             ///< of these, made now
  std::uint64_t skipped_characters = 0;  ///< unusable ones, named in the log and in dataset.json
  std::vector<std::filesystem::path> shards;  ///< of this job
  std::vector<std::string> missing;  ///< shards of other jobs still to come; none: dataset.json is written
};

/// Writes one job's shards of a dataset into the folder `out`. A shard holds all samples of some characters,
/// in order; the sample of a character and a pose number is the same whatever the shares. Shards that are
/// there already are kept. Once those of all jobs are there, the job that sees it writes dataset.json;
/// running any job once more does so, too.
///
/// Throws InputError if `out` holds a dataset of other settings or other things, or if no character is
/// usable; InterruptedError, with all finished shards kept, where \p context asks for a stop; Error when the
/// folder cannot be written.
DatasetJobResult write_dataset(const CharacterSet& characters, const DatasetJob& job,
                               const Context& context = {});

}  // namespace tha4
