#pragma once

#include "onnx/onnx_graph.h"

// 8-bit pictures as the inputs and outputs of graphs, as OpenCV holds them: uint8 [512, 512, 4], B, G, R, A,
// sRGB, straight alpha.

namespace tha4 {

/// The input `input_image`, a picture, as an image tensor [1, 4, 512, 512].
OnnxValue picture_input(OnnxGraph& graph);

/// The outputs `result`, straight sRGB in [0, 1], R, G, B, A [N, 4, 512, 512], and `cv_result`, the same as
/// pictures below each other, [N * 512, 512, 4].
/// \param frames  image tensors [N, 4, 512, 512]
void add_picture_outputs(const OnnxValue& frames);

}  // namespace tha4
