#pragma once

#include <memory>
#include <string>

#include "tha4/base/context.h"
#include "tha4/data/character_set.h"
#include "tha4/data/pose_step.h"
#include "tha4/data/triple_source.h"
#include "tha4/pose/pose_sampler.h"

namespace tha4 {

/// What is wanted of a source, be it a dataset on disk or characters that are drawn on line.
struct SourceOptions {
  Split split = Split::train;
  PoseStep step = PoseStep::whole;
  std::uint64_t seed = 0;
  RankShare share = {};
  int threads = 2;            ///< that read or draw
  int most_damaged = 0;       ///< damaged samples or unusable characters that are skipped
  int shuffle_buffer = 4096;  ///< of datasets: see DatasetReaderOptions
  double test_share = 0.1;    ///< of characters drawn on line: see OnlineSourceOptions
  int poses_per_character = 16;
  int characters_at_once = 8;
  PoseDistribution distribution = PoseDistribution::natural;
  NaturalPoseDistribution natural = {};
  int cuda_device = -1;  ///< that draws on line: see OnlineSourceOptions
};

/// Opens what \p text names: the folder of a dataset or its dataset.json; or
/// characters, as open_character_set() reads them, to be drawn on line. Throws InputError where nothing is
/// found, and where a dataset shows another step than is wanted (Remedy::make_dataset). What is skipped is
/// named in the log of \p context.
std::unique_ptr<TripleSource> open_triple_source(const std::string& text, const SourceOptions& options,
                                                 const Context& context = {});

}  // namespace tha4
