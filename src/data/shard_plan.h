#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tha4/data/character_set.h"
#include "tha4/data/dataset_writer.h"

namespace tha4 {

/// Which characters a shard holds. All jobs come to the same plan, without a word between them.
struct PlannedShard {
  std::string name;  ///< file name without extension: "train-00012"
  Split split = Split::train;
  std::vector<std::uint64_t> characters;
};

/// The shards of a dataset: first those of the training characters, then those of the test characters.
std::vector<PlannedShard> plan_shards(const CharacterSet& characters, const DatasetSettings& settings);

}  // namespace tha4
