#include <cmath>
#include <string>
#include <vector>

#include "onnx/onnx_layers.h"
#include "onnx/onnx_operations.h"
#include "onnx/onnx_student.h"
#include <torch/types.h>

#include "tha4/image/region.h"

namespace tha4 {
namespace {

/// A map gives colours, or places, which take more care.
enum class Gives { colors, places };

/// The MLP of the pose that gives the weights of a basis: [N, outputs].
OnnxValue blend_weights(const OnnxModule& module, const OnnxValue& poses, Gives gives) {
  const OnnxScope scope = module.scope();
  std::vector<std::string> layers;
  for (std::int64_t i = 0; i < module.count("layers"); ++i) layers.push_back("layers." + std::to_string(i));
  return silu_layers(module, layers, poses * module.weight("input_scale"),
                     gives == Gives::places ? exact_linear_layer : linear_layer) *
         module.weight("output_scale");
}

/// Where each of \p count places finds its own in a list: \p missing for those that are not in it.
/// \param places  [length], the place of each entry
at::Tensor entries_of_places(const at::Tensor& places, std::int64_t count, std::int64_t missing) {
  return torch::full({count}, missing, torch::kLong).index_copy(0, places, torch::arange(places.size(0)));
}

/// What a region adds to the face, [N, 4, pixels of the face]. Instead of writing its pixels to their places,
/// which not every runtime can, each pixel of the face reads its own, or the zero at the end.
OnnxValue face_region(const OnnxModule& region, const OnnxValue& face_poses) {
  const OnnxScope scope = region.scope();
  OnnxGraph& graph = region.graph();
  // A pixel that is there twice counts twice.
  const auto [pixels, places] =
      at::_unique(region.tensor("pixels"), /*sorted=*/true, /*return_inverse=*/true);
  at::Tensor basis = region.tensor("basis");
  basis = basis.view({basis.size(0), 4, -1});
  basis = torch::zeros({basis.size(0), 4, pixels.size(0)}).index_add(2, places, basis);
  const OnnxValue sums = graph.node("MatMul", {blend_weights(region["weights"], face_poses, Gives::colors),
                                               region.constant("basis", basis.flatten(1))});
  const OnnxValue with_zero =
      graph.node("Pad", {reshaped(sums, {-1, 4, pixels.size(0)}), graph.integers({0, 0, 0, 0, 0, 1})});
  const at::Tensor entries =
      entries_of_places(pixels, std::int64_t{kFaceCrop.width} * kFaceCrop.height, pixels.size(0));
  return graph.node("Gather", {with_zero, region.constant("pixels", entries)}, {{"axis", 2}});
}

/// A map over the whole frame, at its own resolution: the mean plus what its tiles add.
OnnxValue tiled_map(const OnnxModule& module, const OnnxValue& poses, Gives gives) {
  const OnnxScope scope = module.scope();
  OnnxGraph& graph = module.graph();
  const at::Tensor mean = module.tensor("mean");
  const at::Tensor basis = module.tensor("basis");
  const std::int64_t channels = mean.size(0), size = mean.size(1);
  const std::int64_t tiles = basis.size(0), basis_size = basis.size(1);
  const auto side = static_cast<std::int64_t>(
      std::lround(std::sqrt(static_cast<double>(basis.size(2)) / static_cast<double>(channels))));
  const std::int64_t across = size / side;
  const OnnxValue weights = reshaped(blend_weights(module["weights"], poses, gives), {-1, tiles, basis_size});
  // [tiles, N, values of a tile], and a tile of zeros for the places that have no basis.
  OnnxValue drawn = graph.node("MatMul", {transposed(weights, {1, 0, 2}), module.weight("basis")});
  if (tiles < across * across) drawn = graph.node("Pad", {drawn, graph.integers({0, 0, 0, 1, 0, 0})});
  const at::Tensor entries = entries_of_places(module.tensor("tiles"), across * across, tiles);
  drawn = graph.node("Gather", {drawn, module.constant("tiles", entries)}, {{"axis", 0}});
  const OnnxValue parts = reshaped(drawn, {across, across, -1, channels, side, side});
  return as_maps(transposed(parts, {2, 3, 0, 4, 1, 5}), channels, size) +
         module.constant("mean", mean.unsqueeze(0));
}

}  // namespace

OnnxValue blendshape_face(const OnnxModule& network, const OnnxValue& face_poses) {
  const OnnxScope scope = network.scope();
  OnnxValue face = network.constant("mean", network.tensor("mean").flatten(1).unsqueeze(0));
  for (std::int64_t i = 0; i < network.count("regions"); ++i) {
    face = face + face_region(network("regions", i), face_poses);
  }
  return as_maps(face, 4, kFaceCrop.width);
}

OnnxValue blendshape_body(const OnnxModule& network, const OnnxValue& images, const OnnxValue& poses) {
  const OnnxScope scope = network.scope();
  OnnxValue flow = tiled_map(network["flow"], poses, Gives::places);
  OnnxValue appearance = tiled_map(network["appearance"], poses, Gives::colors);
  if (network.has("motion.mean")) {
    const OnnxValue motion = interpolate(tiled_map(network["motion"], poses, Gives::places), kImageSize);
    flow = motion + apply_flow_exactly(flow, motion);
    appearance = apply_flow_exactly(appearance, motion);
  } else {
    flow = interpolate(flow, kImageSize);
    appearance = interpolate(appearance, kImageSize);
  }
  const OnnxValue alpha = clamp(channels_of(appearance, 0, 1), 0, 1);
  return (1 - alpha) * apply_flow_exactly(images, flow) + channels_of(appearance, 1, 4);
}

}  // namespace tha4
