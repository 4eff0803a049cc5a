#pragma once

#include <vector>

#include "tha4/data/triple_source.h"

namespace tha4::app {

/// A few triples of random pictures and poses, handed out round and round: data that costs nothing but its
/// copying.
class RepeatedTriples final : public TripleSource {
 public:
  explicit RepeatedTriples(int count);

  Triple next() override;
  SourcePosition position() const override { return position_; }
  void restore(const SourcePosition& position) override { position_ = position; }

 private:
  std::vector<Triple> triples_;
  SourcePosition position_;
};

}  // namespace tha4::app
