#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "tha4/base/context.h"
#include "tha4/data/augmentation.h"
#include "tha4/data/batch_feed.h"
#include "tha4/data/replay.h"

namespace tha4 {

/// What becomes of triples on their way from a source to a network.
struct TrainingFeedOptions {
  PictureView view;       ///< what the network sees
  int batch = 1;          ///< examples of a batch
  int batches_ahead = 3;  ///< made ready before they are needed
  /// Triples that are kept on the device and learnt from several times; 0: each is learnt from once.
  std::int64_t replay_capacity = 0;
  std::int64_t replay_min = 0;  ///< that are there before learning begins
  AugmentationSettings augmentation = {};
};

/// The batches that a network learns from: drawn or read, kept for a while where there is a replay, changed
/// where there is augmentation, as the network sees them.
///
/// With a replay, what a batch holds depends on what has been drawn by then: such a run cannot be repeated to
/// the bit, and begins with an empty replay when it is resumed.
class TrainingFeed {
 public:
  TrainingFeed(std::unique_ptr<TripleSource> source, const TrainingFeedOptions& options, c10::Device device,
               const Context& context = {});

  /// The next batch, on the device. Where the context asks for a stop while a replay is being filled, it is
  /// drawn from what there is by then. Throws what the source throws.
  /// \param seed  of what is drawn from the replay and of the changes
  TripleBatch next(std::uint64_t seed);

  /// What is left to do for a batch to be as the network sees it: with neither replay nor augmentation,
  /// pictures come whole, and are cut and scaled in the parts that are computed at a time.
  PictureView left_to_see() const {
    return replay_ || options_.augmentation.any() ? PictureView{} : options_.view;
  }

  SourcePosition position() const { return feed_.position(); }
  /// Throws InputError if \p position is one of another sequence.
  void restore(const SourcePosition& position);

  /// The seconds that next() has waited for the source since this was last asked.
  double take_waiting_seconds() { return feed_.take_waiting_seconds(); }

  /// Triples that have come from the source so far.
  std::int64_t drawn() const { return drawn_; }

 private:
  PackedTriples take();
  void fill_replay();

  BatchFeed feed_;
  TrainingFeedOptions options_;
  PictureView kept_;  ///< what is changed and kept: more on all sides
  std::optional<Replay> replay_;
  c10::Device device_;
  Context context_;
  std::int64_t drawn_ = 0;
};

}  // namespace tha4
