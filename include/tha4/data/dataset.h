#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tha4/base/context.h"
#include "tha4/data/character_set.h"
#include "tha4/data/pose_step.h"

namespace tha4 {

/// The version of the layout of dataset.json and of the shards.
inline constexpr int kDatasetVersion = 1;

/// One tar file of a dataset.
struct DatasetShard {
  std::filesystem::path file;
  Split split = Split::train;
  std::uint64_t samples = 0;
};

/// A dataset on disk: what its dataset.json says.
struct Dataset {
  std::filesystem::path folder;
  PoseStep step = PoseStep::whole;
  std::vector<DatasetShard> shards;
  std::vector<std::string> train_characters;
  std::vector<std::string> test_characters;
};

/// Opens a dataset by its folder or its dataset.json, and looks whether all of its shards are there; their
/// content is looked at when they are read. Throws InputError that names what is missing or damaged.
///
/// \param context  is told of shards whose size is not what was written, as of an interrupted copy
Dataset open_dataset(const std::filesystem::path& path, const Context& context = {});

/// The shards of one split; their number of samples in all.
std::vector<DatasetShard> shards_of(const Dataset& dataset, Split split);
std::uint64_t sample_count(const Dataset& dataset, Split split);

}  // namespace tha4
