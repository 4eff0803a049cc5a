#include "tha4/data/dataset_reader.h"

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "ordered_workers.h"
#include "sequence_check.h"
#include "shard_cache.h"
#include "shuffled_order.h"
#include "stable_hash.h"
#include <spdlog/fmt/fmt.h>

#include "tha4/base/error.h"

namespace tha4 {
namespace {

/// A decoded sample, or what is wrong with it.
struct ReadSample {
  SamplePlace place;
  Triple triple;
  std::string problem;
};

void check(const SourceOptions& options) {
  check_share(options.share);
  if (options.shuffle_buffer < 1) throw InputError("a shuffle buffer must hold at least one sample");
  if (options.threads < 1 || options.ready_ahead < 1) throw InputError("a reader needs at least one thread");
}

std::vector<std::uint64_t> samples_of(const std::vector<DatasetShard>& shards) {
  std::vector<std::uint64_t> samples;
  for (const DatasetShard& shard : shards) samples.push_back(shard.samples);
  return samples;
}

/// What the order depends on. The names of the shards stand for their content, the folder may be another.
std::uint64_t sequence_of(const std::vector<DatasetShard>& shards, const SourceOptions& options) {
  std::uint64_t sequence =
      hash_numbers(options.seed, options.shuffle_buffer, options.share.rank, options.share.world_size);
  for (const DatasetShard& shard : shards) {
    sequence = hash_numbers(sequence, hash_text(shard.file.filename().string()), shard.samples);
  }
  return sequence;
}

}  // namespace

class DatasetReader::Reading {
 public:
  Reading(std::vector<DatasetShard> shards, const SourceOptions& options, const Context& context)
      : options_(options),
        context_(context),
        cache_(std::move(shards)),
        order_(samples_of(cache_.shards()), options.seed, options.shuffle_buffer) {
    position_.sequence = sequence_of(cache_.shards(), options);
    start();
  }

  Triple next() {
    for (std::uint64_t passed = 0; passed < order_.samples_an_epoch(); ++passed) {
      ReadSample sample = workers_->next().value();
      ++position_.places;
      if (sample.problem.empty()) return std::move(sample.triple);
      note_damage(sample);
    }
    throw InputError(cache_.shards().front().file.parent_path().string() +
                     " has no sample that can be read; the messages above say why");
  }

  const SourcePosition& position() const { return position_; }

  void restore(const SourcePosition& position) {
    check_sequence(position, position_);
    workers_.reset();
    position_ = position;
    damaged_.clear();
    for (const auto& [shard, sample] : position.damaged) {
      damaged_.insert({static_cast<std::uint32_t>(shard), static_cast<std::uint32_t>(sample)});
    }
    start();
  }

  int damaged() const { return static_cast<int>(damaged_.size()); }

 private:
  void start() {
    const RankShare& share = options_.share;
    order_.wind_to(position_.places * static_cast<std::uint64_t>(share.world_size));
    workers_.emplace(
        options_.threads, options_.ready_ahead, [this] { return std::optional(next_place()); },
        [this] { return [this](const SamplePlace& place) { return read(place); }; });
  }

  /// The next of this rank's places, which are every world_size-th of the order.
  SamplePlace next_place() {
    SamplePlace own;
    for (int rank = 0; rank < options_.share.world_size; ++rank) {
      const SamplePlace place = order_.next();
      if (rank == options_.share.rank) own = place;
    }
    return own;
  }

  ReadSample read(const SamplePlace& place) {
    ReadSample sample{place, {}, {}};
    try {
      const auto shard = cache_.open(place.shard);
      sample.triple = decode_sample(shard->read(place.sample), shard->name());
    } catch (const InputError& error) {
      sample.problem = error.what();
    }
    return sample;
  }

  void note_damage(const ReadSample& sample) {
    if (!damaged_.insert(sample.place).second) return;
    position_.damaged.emplace_back(sample.place.shard, sample.place.sample);
    if (damaged() > options_.max_damaged) {
      throw InputError(sample.problem + "; with it " + std::to_string(damaged()) +
                       " samples are damaged, and at most " + std::to_string(options_.max_damaged) +
                       " are skipped");
    }
    context_.warn(fmt::format("skipped a damaged sample, {} of at most {}: {}", damaged(),
                              options_.max_damaged, sample.problem));
  }

  SourceOptions options_;
  Context context_;
  ShardCache cache_;
  ShuffledOrder order_;
  SourcePosition position_;
  std::set<SamplePlace> damaged_;
  std::optional<OrderedWorkers<SamplePlace, ReadSample>> workers_;  // last: its threads use the others
};

DatasetReader::DatasetReader(const Dataset& dataset, const SourceOptions& options, const Context& context) {
  check(options);
  if (sample_count(dataset, options.split) == 0) {
    throw InputError(
        dataset.folder.string() + " has no samples of the split " + std::string(split_name(options.split)),
        Remedy::more_test_characters);
  }
  reading_ = std::make_unique<Reading>(shards_of(dataset, options.split), options, context);
}

DatasetReader::~DatasetReader() = default;

Triple DatasetReader::next() {
  return reading_->next();
}

SourcePosition DatasetReader::position() const {
  return reading_->position();
}

void DatasetReader::restore(const SourcePosition& position) {
  reading_->restore(position);
}

int DatasetReader::damaged() const {
  return reading_->damaged();
}

}  // namespace tha4
