#include "tha4/data/training_feed.h"

#include <algorithm>
#include <utility>

#include <torch/types.h>

namespace tha4 {

TrainingFeed::TrainingFeed(std::unique_ptr<TripleSource> source, const TrainingFeedOptions& options,
                           c10::Device device, const Context& context)
    : feed_(std::move(source), options.batch, options.batches_ahead, device),
      options_(options),
      kept_(with_margin(options.view, margin_of(options.augmentation, options.view))),
      device_(device),
      context_(context) {
  if (options.replay_capacity > 0) replay_.emplace(kept_, options.replay_capacity, device);
}

PackedTriples TrainingFeed::take() {
  PackedTriples triples = feed_.next();
  drawn_ += triples.count();
  return triples;
}

/// Takes in what is ready, but not so much that a step waits for it. Who interrupts the first filling, which
/// can take long, need not wait for its end: a triple is enough for the step after which a run stops.
void TrainingFeed::fill_replay() {
  constexpr int kMaxBatches = 4;
  const auto enough = std::max<std::int64_t>(options_.replay_min, 1);
  while (replay_->size() < (context_.stop.stop_requested() ? 1 : enough)) {
    replay_->add(take());
  }
  for (int i = 0; i < kMaxBatches; ++i) {
    const auto triples = feed_.next_if_ready();
    if (!triples) return;
    drawn_ += triples->count();
    replay_->add(*triples);
  }
}

TripleBatch TrainingFeed::next(std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  const AugmentationSettings& augmentation = options_.augmentation;
  if (!replay_ && !augmentation.any()) return unpack(take(), device_);
  if (replay_) fill_replay();
  const PackedTriples triples = replay_ ? replay_->draw(seed, options_.batch) : seen(take(), kept_, device_);
  if (augmentation.any()) return augmented(triples, kept_, options_.view, augmentation, seed);
  return unpack(triples, device_);
}

void TrainingFeed::restore(const SourcePosition& position) {
  feed_.restore(position);
  if (replay_) replay_.emplace(kept_, options_.replay_capacity, device_);
}

}  // namespace tha4
