#pragma once

#include <span>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/data/picture_view.h"
#include "tha4/data/triple.h"

namespace tha4 {

/// Triples as they travel to a device and wait on it: 8-bit pictures as files hold them.
struct PackedTriples {
  at::Tensor rest;           ///< uint8 [N, S, S, 4]
  at::Tensor posed;          ///< uint8 [N, S, S, 4]
  at::Tensor poses;          ///< float [N, 45]
  PackedMotion motion = {};  ///< from `rest` to `posed`, where the triples have it

  std::int64_t count() const { return poses.size(0); }
};

/// Whole pictures, S = 512, with their motion where the first triple has it. Throws Error where the images of
/// a triple are not 512x512, or some triples have no motion and others do.
PackedTriples pack(std::span<const Triple> triples);

/// The tensors of \p triples, those of their motion last, if there are any.
std::vector<at::Tensor> tensors_of(const PackedTriples& triples);

/// The opposite of tensors_of().
PackedTriples packed_triples(const std::vector<at::Tensor>& tensors);

/// The triples as image tensors on \p device.
TripleBatch unpack(const PackedTriples& packed, c10::Device device);

/// What \p view shows of whole pictures, on \p device. Halves are rounded to 8 bits.
PackedTriples seen(const PackedTriples& packed, const PictureView& view, c10::Device device);

}  // namespace tha4
