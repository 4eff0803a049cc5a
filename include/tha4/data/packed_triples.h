#pragma once

#include <span>

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include "tha4/data/picture_view.h"
#include "tha4/data/triple.h"

namespace tha4 {

/// Triples as they travel to a device and wait on it: 8-bit pictures as files hold them.
struct PackedTriples {
  at::Tensor rest;   ///< uint8 [N, S, S, 4]
  at::Tensor posed;  ///< uint8 [N, S, S, 4]
  at::Tensor poses;  ///< float [N, 45]

  std::int64_t count() const { return poses.size(0); }
};

/// Whole pictures, S = 512. Throws Error where the images of a triple are not 512x512.
PackedTriples pack(std::span<const Triple> triples);

/// The triples as image tensors on \p device.
TripleBatch unpack(const PackedTriples& packed, c10::Device device);

/// What \p view shows of whole pictures, on \p device. Halves are rounded to 8 bits.
PackedTriples seen(const PackedTriples& packed, const PictureView& view, c10::Device device);

}  // namespace tha4
