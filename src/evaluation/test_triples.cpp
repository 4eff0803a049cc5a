#include "tha4/evaluation/test_triples.h"

#include <filesystem>

#include <spdlog/fmt/fmt.h>

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

std::uint64_t images_of(const std::string& source, Split split, std::uint64_t wanted,
                        const Context& context) {
  const std::uint64_t there = sample_count(open_dataset(source, context), split);
  if (wanted <= there) return wanted == 0 ? there : wanted;
  context.warn(fmt::format("{} has {} images of the split {}, not {}: all of them are measured", source,
                           there, split_name(split), wanted));
  return there;
}

/// With one character at a time, the n-th that all processes draw is always the same.
SourceOptions in_fixed_order(SourceOptions options) {
  options.seed = kOrderSeed;
  options.poses_per_character = kPosesPerCharacter;
  options.characters_at_once = 1;
  return options;
}

}  // namespace

TestTriples::TestTriples(const std::string& source, const SourceOptions& options, std::uint64_t images,
                         const Context& context)
    : share_(options.share) {
  open_ = [source, context, wanted = in_fixed_order(options)](const RankShare& share) mutable {
    wanted.share = share;
    return open_triple_source(source, wanted, context);
  };
  source_ = open_(share_);
  if (is_dataset(source)) {
    size_ = images_of(source, options.split, images, context);
  } else {
    size_ = images == 0 ? kOnlineTestImages : images;
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
