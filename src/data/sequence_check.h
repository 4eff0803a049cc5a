#pragma once

#include "tha4/base/error.h"
#include "tha4/data/triple_source.h"

namespace tha4 {

/// Throws InputError unless 0 <= rank < world_size.
inline void check_share(const RankShare& share) {
  if (share.rank >= 0 && share.rank < share.world_size) return;
  throw InputError("rank " + std::to_string(share.rank) + " of " + std::to_string(share.world_size) +
                   " is none: ranks are counted from 0");
}

/// Throws InputError if \p position is not one of the sequence that \p present is of.
inline void check_sequence(const SourcePosition& position, const SourcePosition& present) {
  if (position.sequence == present.sequence) return;
  throw InputError(
      "this is a position in other training data: the data, the seed, the rank, the number of ranks or "
      "another setting has changed; resume with those of the run");
}

}  // namespace tha4
