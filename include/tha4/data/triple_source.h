#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tha4/data/triple.h"

namespace tha4 {

/// Where in its endless sequence a source stands. A source that was made with the same settings and restored
/// to it goes on with the same triples.
struct SourcePosition {
  /// How many places of the sequence have been passed; more than triples came out where samples were damaged.
  std::uint64_t places = 0;
  /// What fixes the sequence: data, seed, rank, number of ranks and other settings, as a number.
  std::uint64_t sequence = 0;
  /// The different damaged samples that have been met and skipped, in order: the numbers of shard and sample.
  /// They go on counting.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> damaged = {};

  friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

nlohmann::json to_json(const SourcePosition& position);
/// Throws InputError, beginning with \p source, if \p json is not what to_json() gives.
SourcePosition parse_source_position(const nlohmann::json& json, const std::string& source);

/// An endless sequence of triples, made ready by threads in the background. Its order is fixed by its
/// settings, whatever the number of threads. For one thread at a time.
class TripleSource {
 public:
  virtual ~TripleSource() = default;

  /// Throws Error when too many samples are damaged or no more can be made.
  virtual Triple next() = 0;

  virtual SourcePosition position() const = 0;

  /// Throws InputError if \p position is one of another sequence.
  virtual void restore(const SourcePosition& position) = 0;
};

/// Which part of a sequence a process sees, where several share it: of each `world_size` triples, the one
/// that `rank` says.
struct RankShare {
  int rank = 0;
  int world_size = 1;
};

}  // namespace tha4
