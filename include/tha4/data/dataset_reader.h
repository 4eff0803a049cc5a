#pragma once

#include <memory>

#include "tha4/base/context.h"
#include "tha4/data/dataset.h"
#include "tha4/data/triple_source.h"

namespace tha4 {

struct DatasetReaderOptions {
  Split split = Split::train;
  std::uint64_t seed = 0;
  /// How many samples, of shards in shuffled order, the next one is drawn from; 1: no shuffling, the order
  /// of the files. They are places in files, not pictures, so that a large buffer costs no memory.
  int shuffle_buffer = 4096;
  RankShare share = {};
  int threads = 2;       ///< that read and decode
  int ready_ahead = 32;  ///< at most so many decoded triples wait to be taken
  /// So many different samples may be damaged before reading stops with an error. Each is named in the log of
  /// the context, once, and skipped.
  int most_damaged = 0;
};

/// The samples of one split of a dataset, each once an epoch, in another order each epoch.
class DatasetReader final : public TripleSource {
 public:
  /// Throws InputError if the split is empty or an option is out of range.
  DatasetReader(const Dataset& dataset, const DatasetReaderOptions& options, const Context& context = {});
  ~DatasetReader() override;

  /// Throws InputError, naming the file and the sample, when more samples are damaged than the options allow.
  Triple next() override;
  SourcePosition position() const override;
  void restore(const SourcePosition& position) override;

  /// How many different damaged samples have been met, those before a position that was restored included.
  int damaged() const;

 private:
  class Reading;
  std::unique_ptr<Reading> reading_;
};

}  // namespace tha4
