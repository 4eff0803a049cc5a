#pragma once

#include <memory>

#include "tha4/base/context.h"
#include "tha4/data/character_set.h"
#include "tha4/data/source_options.h"
#include "tha4/data/triple_source.h"

namespace tha4 {

/// Triples that are drawn while they are needed, with nothing on disk: characters of a set, drawn at random
/// with replacement, each in some poses. All characters of a group of `characters_at_once` are ready before
/// its first triple comes out.
class OnlineSource final : public TripleSource {
 public:
  /// Throws InputError if no character of the set belongs to the split or an option is out of range. What is
  /// skipped is named in the log of \p context.
  OnlineSource(std::shared_ptr<const CharacterSet> characters, const SourceOptions& options,
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
