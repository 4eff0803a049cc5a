#pragma once

#include <cstdint>
#include <memory>

#include "tha4/base/context.h"
#include "tha4/data/character_set.h"
#include "tha4/data/pose_step.h"
#include "tha4/data/triple_source.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

struct OnlineSourceOptions {
  Split split = Split::train;
  double test_share = 0.1;  ///< see split_of()
  std::uint64_t seed = 0;
  PoseStep step = PoseStep::whole;
  int poses_per_character = 16;  ///< drawn of a character before another takes its place
  int characters_at_once = 8;    ///< so many take turns, so that neighbours in the sequence differ
  PoseDistribution distribution = PoseDistribution::natural;
  NaturalPoseDistribution natural = {};
  RankShare share = {};
  int threads = 2;       ///< that draw
  int cuda_device = -1;  ///< the GPU that draws rigs, as RigRenderer's; -1: any
  /// So many characters may turn out to be unusable before drawing stops with an error. Each is named in
  /// the log of the context, once, and skipped.
  int most_unusable = 0;
};

/// Triples that are drawn while they are needed, with nothing on disk: characters of a set, drawn at random
/// with replacement, each in some poses. All characters of a group of `characters_at_once` are ready before
/// its first triple comes out.
class OnlineSource final : public TripleSource {
 public:
  /// Throws InputError if no character of the set belongs to the split or an option is out of range.
  OnlineSource(std::shared_ptr<const CharacterSet> characters, const OnlineSourceOptions& options,
               const Context& context = {});
  ~OnlineSource() override;

  Triple next() override;
  SourcePosition position() const override;
  void restore(const SourcePosition& position) override;

 private:
  class Drawing;
  std::unique_ptr<Drawing> drawing_;
};

}  // namespace tha4
