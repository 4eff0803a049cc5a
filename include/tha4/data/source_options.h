#pragma once

#include <cstdint>

#include "tha4/data/character_set.h"
#include "tha4/data/pose_step.h"
#include "tha4/data/triple_source.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

/// What is wanted of a source of triples, be it a dataset on disk or characters that are drawn online. Each
/// kind of source looks at what concerns it.
struct SourceOptions {
  Split split = Split::train;
  double test_fraction = 0.1;  ///< of characters drawn online, in [0, 1]: see split_of()
  std::uint64_t seed = 0;      ///< of the order and of what is drawn
  PoseStep step = PoseStep::whole;
  /// Whether triples have their motion: of characters drawn online, in the step `body` alone.
  bool motion = false;
  /// How many samples of a dataset, of shards in shuffled order, the next one is drawn from; 1: no shuffling,
  /// the order of the files. They are places in files, not pictures, so that a large buffer costs no memory.
  int shuffle_buffer = 4096;
  int poses_per_character = 16;  ///< drawn online of a character before another takes its place
  int characters_at_once = 8;    ///< so many drawn online take turns, so that neighbours differ
  PoseDistribution distribution = PoseDistribution::natural;  ///< of poses that are drawn online
  NaturalPoseDistribution natural = {};
  RankShare share = {};
  int threads = 2;       ///< that read and decode, or draw
  int ready_ahead = 32;  ///< at most so many decoded triples of a dataset wait to be taken
  int cuda_device = -1;  ///< the GPU that draws rigs, as RigRenderer's; -1: any
  /// So many different samples may be damaged, or characters unusable, before the source stops with an error.
  /// Each is named in the log, once, and skipped.
  int max_damaged = 0;
};

}  // namespace tha4
