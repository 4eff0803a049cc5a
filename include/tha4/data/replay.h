#pragma once

#include <cstdint>
#include <vector>

#include "tha4/data/packed_triples.h"

namespace tha4 {

/// Triples that were drawn once and are learnt from several times: the last so many, in the memory of a
/// device, so that drawing does not limit training.
class Replay {
 public:
  /// \param view      what is kept of whole pictures
  /// \param capacity  triples, at least 1; their memory is taken as they come
  Replay(const PictureView& view, std::int64_t capacity, c10::Device device);

  /// Takes in whole pictures in place of the oldest ones.
  void add(const PackedTriples& whole);

  std::int64_t size() const { return size_; }

  /// How many triples have been taken in so far.
  std::int64_t added() const { return added_; }

  /// \p count of the triples, drawn with repetition, on the device; their order is a matter of \p seed and of
  /// what has been taken in. There must be at least one.
  PackedTriples draw(std::uint64_t seed, int count) const;

  const PictureView& view() const { return view_; }

 private:
  void grow(std::int64_t needed, const std::vector<at::Tensor>& like);

  PictureView view_;
  std::int64_t capacity_;
  c10::Device device_;
  std::vector<at::Tensor> kept_;  ///< tensors_of() the triples; empty until there are any
  std::int64_t size_ = 0;
  std::int64_t added_ = 0;
};

}  // namespace tha4
