#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace tha4 {

/// Where a sample is: a shard, and its number there.
struct SamplePlace {
  std::uint32_t shard = 0;
  std::uint32_t sample = 0;

  friend auto operator<=>(const SamplePlace&, const SamplePlace&) = default;
};

/// The order in which samples are read, epoch after epoch: shards in shuffled order, their samples through a
/// shuffle buffer. It is a matter of numbers alone, without a look at the files, and so can be wound to any
/// place.
class ShuffledOrder {
 public:
  /// \param samples  of each shard; at least one sample in all
  /// \param buffer   number of samples that the next one is drawn from; with 1 nothing is shuffled
  ShuffledOrder(std::vector<std::uint64_t> samples, std::uint64_t seed, int buffer);

  SamplePlace next();

  /// Makes \p place, counted over all epochs, the one that comes next. Takes time for the places before it in
  /// its epoch.
  void wind_to(std::uint64_t place);

  std::uint64_t samples_an_epoch() const { return total_; }

 private:
  void begin_epoch(std::uint64_t epoch);
  void fill_buffer();
  std::uint64_t below(std::uint64_t bound);

  std::vector<std::uint64_t> samples_;
  std::uint64_t total_ = 0;
  std::uint64_t seed_;
  std::size_t buffer_size_;
  std::uint64_t epoch_ = 0;
  std::mt19937_64 generator_;
  std::vector<std::uint32_t> shards_;  ///< of the epoch, in the order of reading
  std::size_t shard_ = 0;              ///< place in `shards_` that the buffer is filled from
  std::uint64_t sample_ = 0;           ///< number in that shard
  std::vector<SamplePlace> buffer_;
};

}  // namespace tha4
