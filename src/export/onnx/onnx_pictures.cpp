#include "onnx/onnx_pictures.h"

#include "onnx/onnx_operations.h"
#include <torch/types.h>

#include "tha4/image/region.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

enum OnnxNumberType : std::int64_t { kFloat = 1, kUint8 = 2, kInt32 = 6 };

OnnxValue cast(const OnnxValue& x, OnnxNumberType type) {
  return x.graph->node("Cast", {x}, {{"to", static_cast<std::int64_t>(type)}});
}

/// From linear light in [0, 1].
OnnxValue srgb_of_light(const OnnxValue& light) {
  OnnxGraph& graph = *light.graph;
  const OnnxValue power = graph.node("Pow", {light, graph.number(1 / 2.4)}) * 1.055 + -0.055;
  const OnnxValue is_dark = graph.node("LessOrEqual", {light, graph.number(0.0031308)});
  return graph.node("Where", {is_dark, light * 12.92, power});
}

}  // namespace

OnnxValue picture_input(OnnxGraph& graph) {
  const OnnxValue picture =
      graph.input({.name = "input_image",
                   .type = OnnxType::uint8,
                   .shape = {kImageSize, kImageSize, 4},
                   .meaning = "The rest image as OpenCV reads it: B, G, R, A, sRGB, straight alpha."});
  const OnnxScope scope(graph, "picture");
  const auto& table = linear_levels();
  const OnnxValue levels =
      graph.constant("linear_levels", torch::tensor(std::vector<float>(table.begin(), table.end())));
  const OnnxValue planes = reshaped(transposed(picture, {2, 0, 1}), {1, 4, kImageSize, kImageSize});
  const OnnxValue rgba = graph.node("Gather", {planes, graph.integers({2, 1, 0, 3})}, {{"axis", 1}});
  const OnnxValue alpha = cast(channels_of(rgba, 3, 1), kFloat) / graph.number(255);
  const OnnxValue colors =
      graph.node("Gather", {levels, cast(channels_of(rgba, 0, 3), kInt32)}, {{"axis", 0}});
  return as_maps(concatenated({colors * alpha, alpha}) * 2 + -1, 4, kImageSize);
}

void add_picture_outputs(const OnnxValue& frames) {
  constexpr double kMinAlpha = 0.5 / 255;  // half of the first step: less is nothing
  OnnxGraph& graph = *frames.graph;
  const OnnxScope scope(graph, "picture");
  const OnnxValue light = frames * 0.5 + 0.5;
  const OnnxValue alpha = clamp(channels_of(light, 3, 1), 0, 1);
  const OnnxValue colors = clamp(channels_of(light, 0, 3) / clamp(alpha, kMinAlpha, 1), 0, 1);
  const OnnxValue is_there = cast(graph.node("GreaterOrEqual", {alpha, graph.number(kMinAlpha)}), kFloat);
  const OnnxValue result = concatenated({srgb_of_light(colors), alpha}) * is_there;
  graph.output(result, {.name = "result",
                        .type = OnnxType::float32,
                        .shape = {"batch", 4, kImageSize, kImageSize},
                        .meaning = "Frames: R, G, B, A, sRGB, straight alpha, 0 to 1."});
  const OnnxValue bgra =
      graph.node("Gather", {transposed(result, {0, 2, 3, 1}), graph.integers({2, 1, 0, 3})}, {{"axis", 3}});
  graph.output(
      reshaped(cast(bgra * 255 + 0.5, kUint8), {-1, kImageSize, 4}),
      {.name = "cv_result",
       .type = OnnxType::uint8,
       .shape = {"rows", kImageSize, 4},
       .meaning = "Frames below each other as OpenCV writes them: B, G, R, A, sRGB, straight alpha."});
}

}  // namespace tha4
