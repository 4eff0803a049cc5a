#include "tha4/teacher/training_feed.h"

#include <algorithm>
#include <utility>

#include <torch/types.h>

namespace tha4 {

TrainingFeed::TrainingFeed(std::unique_ptr<TripleSource> source, const TeacherTrainingConfig& config,
                           const PictureView& view, int batch, int processes, c10::Device device,
                           const Context& context)
    : feed_(std::move(source), batch, config.data.batches_ahead, device),
      augmentation_(config.augmentation),
      view_(view),
      kept_(with_margin(view, margin_of(config.augmentation, view))),
      replay_least_(config.data.replay_least / processes),
      replay_capacity_(config.data.replay_capacity / processes),
      batch_(batch),
      device_(device),
      context_(context) {
  if (replay_capacity_ > 0) replay_.emplace(kept_, replay_capacity_, device);
}

PackedTriples TrainingFeed::take() {
  PackedTriples triples = feed_.next();
  drawn_ += triples.count();
  return triples;
}

/// Takes in what is ready, but not so much that a step waits for it. Who interrupts the first filling, which
/// can take long, need not wait for its end: a triple is enough for the step after which a run stops.
void TrainingFeed::fill_replay() {
  constexpr int kMostBatches = 4;
  while (replay_->size() < (context_.stop.stop_requested() ? 1 : std::max<std::int64_t>(replay_least_, 1))) {
    replay_->add(take());
  }
  for (int i = 0; i < kMostBatches; ++i) {
    const auto triples = feed_.next_if_ready();
    if (!triples) return;
    drawn_ += triples->count();
    replay_->add(*triples);
  }
}

TripleBatch TrainingFeed::next(std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  if (!replay_ && !augmentation_.any()) return unpack(take(), device_);
  if (replay_) fill_replay();
  const PackedTriples triples = replay_ ? replay_->draw(seed, batch_) : seen(take(), kept_, device_);
  if (augmentation_.any()) return augmented(triples, kept_, view_, augmentation_, seed);
  return unpack(triples, device_);
}

void TrainingFeed::restore(const SourcePosition& position) {
  feed_.restore(position);
  if (replay_) replay_.emplace(kept_, replay_capacity_, device_);
}

}  // namespace tha4
