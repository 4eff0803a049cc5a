#include "tha4/evaluation/test_triples.h"

#include <filesystem>

#include <spdlog/spdlog.h>

#include "tha4/base/error.h"
#include "tha4/data/dataset.h"
#include "tha4/data/open_source.h"

namespace tha4 {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kOrderSeed = 0;
constexpr int kPosesPerCharacter = 4;

bool is_dataset(const fs::path& path) {
  return path.filename() == "dataset.json" || fs::exists(path / "dataset.json");
}

std::uint64_t images_of(const Dataset& dataset, const TestTriplesOptions& options) {
  const std::uint64_t there = sample_count(dataset, options.split);
  if (options.images <= there) return options.images == 0 ? there : options.images;
  spdlog::warn("{} has {} images of the split {}, not {}: all of them are measured", options.source, there,
               split_name(options.split), options.images);
  return there;
}

}  // namespace

TestTriples::TestTriples(const TestTriplesOptions& options) : share_(options.share) {
  const bool is_on_disk = is_dataset(options.source);
  // With one character at a time, the n-th that all processes draw is always the same.
  SourceOptions wanted{.split = options.split,
                       .seed = kOrderSeed,
                       .test_share = options.test_share,
                       .poses_per_character = kPosesPerCharacter,
                       .characters_at_once = 1};
  open_ = [source = options.source, wanted](const RankShare& share) mutable {
    wanted.share = share;
    return open_triple_source(source, wanted);
  };
  source_ = open_(share_);
  if (is_on_disk) {
    size_ = images_of(open_dataset(options.source), options);
  } else {
    size_ = options.images == 0 ? kOnlineTestImages : options.images;
    run_ = kPosesPerCharacter;
  }
}

std::uint64_t TestTriples::index_of(std::uint64_t place) const {
  const auto processes = static_cast<std::uint64_t>(share_.world_size);
  const auto rank = static_cast<std::uint64_t>(share_.rank);
  return (place / run_ * processes + rank) * run_ + place % run_;
}

std::uint64_t TestTriples::own_size() const {
  std::uint64_t own = 0;
  while (index_of(own) < size_) ++own;
  return own;
}

std::optional<NumberedTriple> TestTriples::next() {
  const std::uint64_t index = index_of(place_);
  if (index >= size_) return std::nullopt;
  ++place_;
  return NumberedTriple{index, source_->next()};
}

Triple TestTriples::at(std::uint64_t index) const {
  const std::unique_ptr<TripleSource> source = open_(RankShare{});
  source->restore({.places = index, .sequence = source->position().sequence});
  return source->next();
}

}  // namespace tha4
