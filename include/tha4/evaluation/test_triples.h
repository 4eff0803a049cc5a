#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tha4/base/context.h"
#include "tha4/data/source_options.h"
#include "tha4/data/triple_source.h"

namespace tha4 {

/// Images of a test set of characters drawn online where no number is asked for.
inline constexpr std::uint64_t kOnlineTestImages = 1000;

/// A triple and its number in the test set.
struct NumberedTriple {
  std::uint64_t index = 0;
  Triple triple;
};

/// A test set: the first triples of a source in a fixed order. It is the same, and every triple has the same
/// number in it, however many processes share it.
class TestTriples {
 public:
  /// \param source   a dataset's folder; procedural:N[:SEED] or a folder of .vrm files, drawn online
  /// \param options  which split, and whose share; its seed, and how characters take turns, are those of
  ///                 every test set
  /// \param images   0: all of a dataset's split, kOnlineTestImages of characters drawn online
  /// \param context  is told what open_triple_source()'s is, and of a dataset that has fewer images than are
  ///                 asked for, and gives them all
  ///
  /// Throws InputError as open_triple_source() does.
  explicit TestTriples(const std::string& source, const SourceOptions& options = {.split = Split::test},
                       std::uint64_t images = 0, const Context& context = {});

  std::uint64_t size() const { return size_; }

  /// How many of them this process has.
  std::uint64_t own_size() const;

  /// This process' next triple; nothing after its last. Throws as TripleSource::next() does.
  std::optional<NumberedTriple> next();

  /// The triple number \p index < size() once more, whichever process had it.
  Triple at(std::uint64_t index) const;

 private:
  /// The number of this process' place \p place.
  std::uint64_t index_of(std::uint64_t place) const;

  std::function<std::unique_ptr<TripleSource>(const RankShare&)> open_;
  RankShare share_;
  std::uint64_t size_ = 0;
  std::uint64_t run_ = 1;  ///< so many numbers in a row belong to one process
  std::uint64_t place_ = 0;
  std::unique_ptr<TripleSource> source_;
};

}  // namespace tha4
