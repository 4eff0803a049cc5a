#pragma once

#include <cstdint>
#include <vector>

#include "onnx/onnx_graph.h"

#include "tha4/image/region.h"

// Operations on values of a graph that is being built. Those with the names of operations on tensors
// (tha4/nn/blocks/appearance_flow.h, tha4/image/compositing.h) do the same.

namespace tha4 {

OnnxValue operator+(const OnnxValue& a, const OnnxValue& b);
OnnxValue operator-(const OnnxValue& a, const OnnxValue& b);
OnnxValue operator*(const OnnxValue& a, const OnnxValue& b);
OnnxValue operator/(const OnnxValue& a, const OnnxValue& b);
OnnxValue operator+(const OnnxValue& a, double b);
OnnxValue operator-(double a, const OnnxValue& b);
OnnxValue operator*(const OnnxValue& a, double b);

/// \p operation, which works on each number by itself, as "Sigmoid".
OnnxValue each(const char* operation, const OnnxValue& x);
OnnxValue silu(const OnnxValue& x);
OnnxValue clamp(const OnnxValue& x, double min, double max);

/// \p x in another precision.
OnnxValue as_float32(const OnnxValue& x);
OnnxValue as_float64(const OnnxValue& x);

/// Values of the same sizes but for those along \p axis, one after the other.
OnnxValue concatenated(const std::vector<OnnxValue>& parts, std::int64_t axis = 1);
/// What lies from \p begin up to but without \p end along \p axis.
OnnxValue slice(const OnnxValue& x, std::int64_t axis, std::int64_t begin, std::int64_t end);
/// \p count channels of an image or feature map; numbers of a pose likewise.
OnnxValue channels_of(const OnnxValue& x, std::int64_t first, std::int64_t count);
/// ONNX's own: 0 is the size that it has, -1 the one that is left.
OnnxValue reshaped(const OnnxValue& x, const std::vector<std::int64_t>& shape);
OnnxValue transposed(const OnnxValue& x, const std::vector<std::int64_t>& order);
/// \p x [N, channels * size * size] in any shape, as [N, channels, size, size].
OnnxValue as_maps(const OnnxValue& x, std::int64_t channels, std::int64_t size);

/// \p x [N, inputs], \p weight [outputs, inputs], \p bias [outputs]: [N, outputs].
OnnxValue linear(const OnnxValue& x, const OnnxValue& weight, const OnnxValue& bias);

/// Images \p x at another size, bilinear (align_corners=false).
OnnxValue interpolate(const OnnxValue& x, std::int64_t size);
/// Every pixel four times.
OnnxValue double_resolution(const OnnxValue& x);
/// The means of 2x2 pixels.
OnnxValue half_resolution(const OnnxValue& x);
/// As of torch: \p factor by \p factor pixels into the channels of one, and back.
OnnxValue pixel_unshuffle(const OnnxValue& x, std::int64_t factor);
OnnxValue pixel_shuffle(const OnnxValue& x, std::int64_t factor);

/// Positions of the centres of \p size pixels on an axis from -1 to 1: [1, 1, 1, size] along x, [1, 1, size,
/// 1] along y.
struct OnnxPixelCentres {
  OnnxValue x, y;
};
OnnxPixelCentres pixel_centres(OnnxGraph& graph, std::int64_t size);

/// \p image sampled at its pixel centres plus \p flow, bilinear, border padding.
OnnxValue apply_flow(const OnnxValue& image, const OnnxValue& flow);

/// The same, without what a float32 loses of a place, up to 1e-4 pixels, which hard edges show. Places are
/// whole cells and shares of the next ones, counted from the pixel itself; cells are gathered.
/// \param image  as many as there are flows
OnnxValue apply_flow_exactly(const OnnxValue& image, const OnnxValue& flow);

OnnxValue blend(const OnnxValue& alpha, const OnnxValue& direct, const OnnxValue& warped);

OnnxValue crop(const OnnxValue& image, const Region& region);
/// A copy of \p image in which \p patch, of as many images, covers \p region.
OnnxValue paste(const OnnxValue& image, const OnnxValue& patch, const Region& region);

/// \p images, one or as many as there are poses, once for each of \p poses [N, ...].
OnnxValue for_every_pose(const OnnxValue& images, const OnnxValue& poses);
/// \p poses [N, P] at every pixel: [N, P, size, size].
OnnxValue pose_planes(const OnnxValue& poses, std::int64_t count, std::int64_t size);

}  // namespace tha4
