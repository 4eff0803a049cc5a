#pragma once

#include "onnx/onnx_module.h"

// The bodies of a teacher's networks (tha4/nn/blocks), as parts of a graph.

namespace tha4 {

/// \param image  [N, C, S, S]
/// \param poses  [N, pose_size]; unused where \p pose_size is 0
/// \return feature maps [N, level_channels[0], S, S]
OnnxValue pose_encoder_decoder(const OnnxModule& module, const OnnxValue& image, const OnnxValue& poses,
                               std::int64_t pose_size);

/// Of THA3; as their classes of tha4/nn/blocks/resize_conv_network.h.
OnnxValue resize_conv_encoder_decoder(const OnnxModule& module, const OnnxValue& image);
OnnxValue resize_conv_unet(const OnnxModule& module, const OnnxValue& image);

/// The U-Net with attention. Its time, which is always 0, is counted into its weights.
/// \param image           [N, inputs, S, S]
/// \param poses           [N, pose size]
/// \param first_addition  added to the first feature map, or without a name none
/// \return [N, outputs, S, S]
OnnxValue unet(const OnnxModule& module, const OnnxValue& image, const OnnxValue& poses,
               const OnnxValue& first_addition = {});

}  // namespace tha4
