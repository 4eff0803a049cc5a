#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

#include "shard_file.h"

#include "tha4/data/dataset.h"

namespace tha4 {

/// The shards that were read last, kept open. For several threads at once.
class ShardCache {
 public:
  explicit ShardCache(std::vector<DatasetShard> shards) : shards_(std::move(shards)) {}

  std::shared_ptr<const ShardFile> open(std::uint32_t shard) {
    const std::lock_guard lock(mutex_);
    for (auto entry = open_.begin(); entry != open_.end(); ++entry) {
      if (entry->first != shard) continue;
      open_.splice(open_.begin(), open_, entry);
      return entry->second;
    }
    // Opened under the lock: the other threads are about to want the same shard.
    auto file = std::make_shared<const ShardFile>(shards_[shard].file);
    open_.emplace_front(shard, file);
    if (open_.size() > kMaxOpen) open_.pop_back();
    return file;
  }

  const std::vector<DatasetShard>& shards() const { return shards_; }

 private:
  /// Well below the usual limit of 1024 open files.
  static constexpr std::size_t kMaxOpen = 256;

  std::vector<DatasetShard> shards_;
  std::mutex mutex_;
  std::list<std::pair<std::uint32_t, std::shared_ptr<const ShardFile>>> open_;
};

}  // namespace tha4
