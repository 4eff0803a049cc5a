#include "shuffled_order.h"

#include <algorithm>
#include <numeric>

#include "stable_hash.h"

#include "tha4/pose/pose_sampler.h"

namespace tha4 {

ShuffledOrder::ShuffledOrder(std::vector<std::uint64_t> samples, std::uint64_t seed, int buffer)
    : samples_(std::move(samples)),
      total_(std::accumulate(samples_.begin(), samples_.end(), std::uint64_t{0})),
      seed_(seed),
      buffer_size_(static_cast<std::size_t>(buffer)) {
  begin_epoch(0);
}

SamplePlace ShuffledOrder::next() {
  fill_buffer();
  if (buffer_.empty()) {
    begin_epoch(epoch_ + 1);
    fill_buffer();
  }
  std::swap(buffer_[below(buffer_.size())], buffer_.back());
  const SamplePlace place = buffer_.back();
  buffer_.pop_back();
  return place;
}

void ShuffledOrder::wind_to(std::uint64_t place) {
  begin_epoch(place / total_);
  for (std::uint64_t i = 0; i < place % total_; ++i) next();
}

void ShuffledOrder::begin_epoch(std::uint64_t epoch) {
  epoch_ = epoch;
  generator_.seed(hash_numbers(seed_, epoch));
  shards_.resize(samples_.size());
  std::iota(shards_.begin(), shards_.end(), 0U);
  for (std::size_t i = shards_.size(); buffer_size_ > 1 && i > 1; --i) {
    std::swap(shards_[i - 1], shards_[below(i)]);
  }
  shard_ = 0;
  sample_ = 0;
  buffer_.clear();
}

void ShuffledOrder::fill_buffer() {
  while (buffer_.size() < buffer_size_ && shard_ < shards_.size()) {
    const std::uint32_t shard = shards_[shard_];
    if (sample_ == samples_[shard]) {
      ++shard_;
      sample_ = 0;
    } else {
      buffer_.push_back({shard, static_cast<std::uint32_t>(sample_++)});
    }
  }
}

std::uint64_t ShuffledOrder::below(std::uint64_t bound) {
  const auto number = static_cast<std::uint64_t>(uniform_unit(generator_) * static_cast<double>(bound));
  return std::min(number, bound - 1);
}

}  // namespace tha4
