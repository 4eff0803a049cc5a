#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>
#include <c10/util/Half.h>

namespace tha4 {

/// What is known of the surface that a pixel of the picture after a step shows.
enum class SurfaceState : std::uint8_t {
  none = 0,     ///< it shows none, or one of less than half opacity, or several
  visible = 1,  ///< the picture before shows it too
  hidden = 2    ///< the picture before does not show it
};

/// How the surfaces of a 512x512 picture have moved from the picture before to it, as rigs know it. Rows from
/// the top.
struct PictureMotion {
  std::vector<c10::Half> flow;  ///< x, y for each pixel: the appearance flow (docs/files.md, "Flow")
  std::vector<SurfaceState> surface;

  bool empty() const { return surface.empty(); }
};

/// The same of triples, as it travels to a device and waits on it.
struct PackedMotion {
  at::Tensor flow;     ///< half [N, S, S, 2], normalised to what is seen of the picture
  at::Tensor surface;  ///< uint8 [N, S, S], SurfaceState

  /// Whether the triples have it; the tensors are else undefined.
  bool is_known() const { return surface.defined(); }
};

/// The same as networks compare theirs with.
struct Motion {
  at::Tensor flow;  ///< float [N, 2, H, W], normalised to the picture; anything but where `visible` is 1
  at::Tensor
      visible;        ///< float [N, 1, H, W]: 1 where the pixel shows a surface that the picture before shows
  at::Tensor hidden;  ///< float [N, 1, H, W]: 1 where it shows one that the picture before does not

  bool is_known() const { return visible.defined(); }
};

/// What \p change makes of each tensor, where there are any.
template <class Change>
Motion changed(const Motion& motion, const Change& change) {
  if (!motion.is_known()) return {};
  return {change(motion.flow), change(motion.visible), change(motion.hidden)};
}

}  // namespace tha4
