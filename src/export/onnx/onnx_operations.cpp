#include "onnx/onnx_operations.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

/// Either may have single channels and pixels, which count for all.
OnnxValue of_both(const char* operation, const OnnxValue& a, const OnnxValue& b) {
  OnnxValue result = a.graph->node(operation, {a, b});
  result.channels = std::max(a.channels, b.channels);
  result.size = std::max(a.size, b.size);
  return result;
}

OnnxValue with_form(OnnxValue value, std::int64_t channels, std::int64_t size) {
  value.channels = channels;
  value.size = size;
  return value;
}

OnnxValue resized(const OnnxValue& x, std::int64_t size, const OnnxAttributes& attributes) {
  // The operation rounds size * scale down.
  float scale = static_cast<float>(size) / static_cast<float>(x.size);
  if (std::floor(scale * static_cast<float>(x.size)) < static_cast<float>(size)) {
    scale = std::nextafter(scale, std::numeric_limits<float>::max());
  }
  const OnnxValue none;
  return with_form(x.graph->node("Resize", {x, none, x.graph->numbers({1, 1, scale, scale})}, attributes),
                   x.channels, size);
}

/// ONNX's numbers of types of tensors.
constexpr std::int64_t kFloat32 = 1, kInt64 = 7, kFloat64 = 11;

OnnxValue cast(const OnnxValue& x, std::int64_t type) {
  return with_form(x.graph->node("Cast", {x}, {{"to", type}}), x.channels, x.size);
}

/// Places along an axis, [N, 1, size, size].
struct Places {
  OnnxValue cells;   ///< the last cell before the place; 0 is beyond the border
  OnnxValue shares;  ///< of the cell after it
};

/// Where \p flow, along the axis \p name of \p image, leads its pixels.
/// \param shape  of the pixels along the axis
Places places_along(const std::string& name, const OnnxValue& image, const OnnxValue& flow,
                    const std::vector<std::int64_t>& shape) {
  OnnxGraph& graph = *flow.graph;
  const at::Tensor centres = (torch::arange(flow.size, torch::kFloat64) + 0.5) * image.size / flow.size - 0.5;
  const at::Tensor cells = centres.floor();
  const auto constant = [&](const char* what, const at::Tensor& values) {
    return graph.constant_once(std::string("cells/") + std::to_string(image.size) + "_at_" +
                                   std::to_string(flow.size) + "/" + name + "/" + what,
                               values.to(torch::kFloat32).view(shape));
  };
  OnnxValue moved = flow * (static_cast<double>(image.size) / 2);
  if (image.size != flow.size) moved = moved + constant("share", centres - cells);
  const OnnxValue whole = each("Floor", moved);
  return {.cells = clamp(whole + constant("cell", cells + 1), 0, static_cast<double>(image.size)),
          .shares = moved - whole};
}

}  // namespace

OnnxValue operator+(const OnnxValue& a, const OnnxValue& b) {
  return of_both("Add", a, b);
}
OnnxValue operator-(const OnnxValue& a, const OnnxValue& b) {
  return of_both("Sub", a, b);
}
OnnxValue operator*(const OnnxValue& a, const OnnxValue& b) {
  return of_both("Mul", a, b);
}
OnnxValue operator/(const OnnxValue& a, const OnnxValue& b) {
  return of_both("Div", a, b);
}
OnnxValue operator+(const OnnxValue& a, double b) {
  return a + a.graph->number(b);
}
OnnxValue operator-(double a, const OnnxValue& b) {
  return b.graph->number(a) - b;
}
OnnxValue operator*(const OnnxValue& a, double b) {
  return a * a.graph->number(b);
}

OnnxValue each(const char* operation, const OnnxValue& x) {
  return with_form(x.graph->node(operation, {x}), x.channels, x.size);
}

OnnxValue silu(const OnnxValue& x) {
  return x * each("Sigmoid", x);
}

OnnxValue clamp(const OnnxValue& x, double min, double max) {
  return with_form(x.graph->node("Clip", {x, x.graph->number(min), x.graph->number(max)}), x.channels,
                   x.size);
}

OnnxValue as_float32(const OnnxValue& x) {
  return cast(x, kFloat32);
}

OnnxValue as_float64(const OnnxValue& x) {
  return cast(x, kFloat64);
}

OnnxValue concatenated(const std::vector<OnnxValue>& parts, std::int64_t axis) {
  OnnxValue result = parts.front().graph->node("Concat", parts, {{"axis", axis}});
  result.size = parts.front().size;
  for (const OnnxValue& part : parts) result.channels += axis == 1 ? part.channels : 0;
  return result;
}

OnnxValue slice(const OnnxValue& x, std::int64_t axis, std::int64_t begin, std::int64_t end) {
  OnnxGraph& graph = *x.graph;
  return graph.node("Slice", {x, graph.integers({begin}), graph.integers({end}), graph.integers({axis})});
}

OnnxValue channels_of(const OnnxValue& x, std::int64_t first, std::int64_t count) {
  return with_form(slice(x, 1, first, first + count), count, x.size);
}

OnnxValue reshaped(const OnnxValue& x, const std::vector<std::int64_t>& shape) {
  return x.graph->node("Reshape", {x, x.graph->integers(shape)});
}

OnnxValue transposed(const OnnxValue& x, const std::vector<std::int64_t>& order) {
  return x.graph->node("Transpose", {x}, {{"perm", order}});
}

OnnxValue as_maps(const OnnxValue& x, std::int64_t channels, std::int64_t size) {
  return with_form(reshaped(x, {-1, channels, size, size}), channels, size);
}

OnnxValue linear(const OnnxValue& x, const OnnxValue& weight, const OnnxValue& bias) {
  return x.graph->node("Gemm", {x, weight, bias}, {{"transB", 1}});
}

OnnxValue interpolate(const OnnxValue& x, std::int64_t size) {
  if (x.size == size) return x;
  return resized(x, size, {{"mode", "linear"}, {"coordinate_transformation_mode", "half_pixel"}});
}

OnnxValue double_resolution(const OnnxValue& x) {
  return resized(
      x, 2 * x.size,
      {{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}});
}

OnnxValue half_resolution(const OnnxValue& x) {
  const std::vector<std::int64_t> two{2, 2};
  return with_form(x.graph->node("AveragePool", {x}, {{"kernel_shape", two}, {"strides", two}}), x.channels,
                   x.size / 2);
}

OnnxValue pixel_unshuffle(const OnnxValue& x, std::int64_t factor) {
  const std::int64_t size = x.size / factor;
  const OnnxValue parts = reshaped(x, {-1, x.channels, size, factor, size, factor});
  return as_maps(transposed(parts, {0, 1, 3, 5, 2, 4}), x.channels * factor * factor, size);
}

OnnxValue pixel_shuffle(const OnnxValue& x, std::int64_t factor) {
  return with_form(x.graph->node("DepthToSpace", {x}, {{"blocksize", factor}, {"mode", "CRD"}}),
                   x.channels / (factor * factor), x.size * factor);
}

OnnxPixelCentres pixel_centres(OnnxGraph& graph, std::int64_t size) {
  const int pixels = static_cast<int>(size);
  const at::Tensor centres =
      pixel_centres(FrameWindow{pixels, {0, 0, pixels, 1}}, torch::kCPU).select(-1, 0).flatten();
  const std::string name = "pixel_centres/" + std::to_string(size);
  return {.x = graph.constant_once(name + "/x", centres.view({1, 1, 1, size})),
          .y = graph.constant_once(name + "/y", centres.view({1, 1, size, 1}))};
}

OnnxValue apply_flow(const OnnxValue& image, const OnnxValue& flow) {
  const OnnxPixelCentres centres = pixel_centres(*image.graph, flow.size);
  const OnnxValue places =
      concatenated({channels_of(flow, 0, 1) + centres.x, channels_of(flow, 1, 1) + centres.y});
  return with_form(
      image.graph->node("GridSample", {image, transposed(places, {0, 2, 3, 1})},
                        {{"mode", "bilinear"}, {"padding_mode", "border"}, {"align_corners", 0}}),
      image.channels, flow.size);
}

OnnxValue apply_flow_exactly(const OnnxValue& image, const OnnxValue& flow) {
  OnnxGraph& graph = *image.graph;
  const std::int64_t stride = image.size + 2;
  const Places x = places_along("x", image, channels_of(flow, 0, 1), {1, 1, 1, flow.size});
  const Places y = places_along("y", image, channels_of(flow, 1, 1), {1, 1, flow.size, 1});
  const OnnxValue bordered =
      graph.node("Pad", {image, graph.integers({0, 0, 1, 1, 0, 0, 1, 1})}, {{"mode", "edge"}});
  const OnnxValue cells = reshaped(bordered, {0, image.channels, -1});
  const OnnxValue numbers = cast(y.cells * static_cast<double>(stride) + x.cells, kInt64);
  const OnnxValue corner =
      graph.node("Expand", {reshaped(numbers, {0, 1, -1}), graph.integers({1, image.channels, 1})});
  const auto gathered = [&](std::int64_t distance) {
    const OnnxValue places = distance == 0 ? corner : corner + graph.integers({distance});
    return graph.node("GatherElements", {cells, places}, {{"axis", 2}});
  };
  const auto mixed = [](const OnnxValue& a, const OnnxValue& b, const OnnxValue& share) {
    return a + (b - a) * share;
  };
  const OnnxValue of_x = reshaped(x.shares, {0, 1, -1}), of_y = reshaped(y.shares, {0, 1, -1});
  const OnnxValue upper = mixed(gathered(0), gathered(1), of_x);
  const OnnxValue lower = mixed(gathered(stride), gathered(stride + 1), of_x);
  return as_maps(mixed(upper, lower, of_y), image.channels, flow.size);
}

OnnxValue blend(const OnnxValue& alpha, const OnnxValue& direct, const OnnxValue& warped) {
  return direct * alpha + warped * (1 - alpha);
}

OnnxValue crop(const OnnxValue& image, const Region& region) {
  OnnxGraph& graph = *image.graph;
  return with_form(graph.node("Slice", {image, graph.integers({region.y, region.x}),
                                        graph.integers({region.y + region.height, region.x + region.width}),
                                        graph.integers({2, 3})}),
                   image.channels, region.width);
}

OnnxValue paste(const OnnxValue& image, const OnnxValue& patch, const Region& region) {
  constexpr std::int64_t kRows = 2, kColumns = 3;
  const std::int64_t bottom = region.y + region.height, right = region.x + region.width;
  const OnnxValue rows = slice(image, kRows, region.y, bottom);
  const OnnxValue middle = concatenated(
      {slice(rows, kColumns, 0, region.x), patch, slice(rows, kColumns, right, image.size)}, kColumns);
  return with_form(
      concatenated({slice(image, kRows, 0, region.y), middle, slice(image, kRows, bottom, image.size)},
                   kRows),
      image.channels, image.size);
}

OnnxValue for_every_pose(const OnnxValue& images, const OnnxValue& poses) {
  OnnxGraph& graph = *images.graph;
  const OnnxValue count = graph.node("Shape", {poses}, {{"start", 0}, {"end", 1}});
  const OnnxValue shape = graph.node(
      "Concat", {count, graph.integers({images.channels, images.size, images.size})}, {{"axis", 0}});
  return with_form(graph.node("Expand", {images, shape}), images.channels, images.size);
}

OnnxValue pose_planes(const OnnxValue& poses, std::int64_t count, std::int64_t size) {
  const OnnxValue points = reshaped(poses, {-1, count, 1, 1});
  return with_form(poses.graph->node("Expand", {points, poses.graph->integers({1, 1, size, size})}), count,
                   size);
}

}  // namespace tha4
