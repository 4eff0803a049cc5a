#include "shard_plan.h"

#include <algorithm>

#include <spdlog/fmt/fmt.h>

namespace tha4 {

std::vector<PlannedShard> plan_shards(const CharacterSet& characters, const DatasetSettings& settings) {
  const auto characters_per_shard =
      static_cast<std::size_t>(std::max(1, settings.samples_per_shard / settings.poses_per_character));
  std::vector<PlannedShard> shards;
  for (const Split split : {Split::train, Split::test}) {
    std::size_t number = 0;
    bool begins_shard = true;
    for (std::uint64_t i = 0; i < characters.size(); ++i) {
      if (split_of(characters.id(i), settings.test_fraction) != split) continue;
      if (begins_shard) shards.push_back({fmt::format("{}-{:05}", split_name(split), number++), split, {}});
      shards.back().characters.push_back(i);
      begins_shard = shards.back().characters.size() == characters_per_shard;
    }
  }
  return shards;
}

}  // namespace tha4
