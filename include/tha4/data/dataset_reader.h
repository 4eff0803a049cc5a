#pragma once

#include <memory>

#include "tha4/base/context.h"
#include "tha4/data/dataset.h"
#include "tha4/data/source_options.h"
#include "tha4/data/triple_source.h"

namespace tha4 {

/// The samples of one split of a dataset, each once an epoch, in another order each epoch.
class DatasetReader final : public TripleSource {
 public:
  /// Throws InputError if the split is empty or an option is out of range. The step is that of the dataset.
  /// What is skipped is named in the log of \p context.
  DatasetReader(const Dataset& dataset, const SourceOptions& options, const Context& context = {});
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
