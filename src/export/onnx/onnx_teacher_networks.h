#pragma once

#include "onnx/onnx_module.h"

// The networks of teachers (tha4/nn/teacher), as parts of a graph. Images are image tensors.

namespace tha4 {

struct OnnxEyebrowLayers {
  OnnxValue eyebrow_layer;
  OnnxValue background_layer;
};

/// What a network that rotates the body makes of images; of THA3's rotator `warped` and `flow` alone.
struct OnnxRotated {
  OnnxValue blended;
  OnnxValue alpha;
  OnnxValue warped;
  OnnxValue flow;
  OnnxValue direct;
};

/// \param image  [N, 4, 128, 128], the eyebrow crop of rest images
OnnxEyebrowLayers eyebrow_decomposer(const OnnxModule& network, const OnnxValue& image);

/// \param pose  [N, 12]
/// \return [N, 4, 128, 128]: the morphed eyebrows over the background
OnnxValue eyebrow_morphing_combiner(const OnnxModule& network, const OnnxEyebrowLayers& layers,
                                    const OnnxValue& pose);

/// \param image  [N, 4, 192, 192], the teacher's face crop
/// \param pose   [N, 27]
/// \return [N, 4, 192, 192]
OnnxValue teacher_face_morpher(const OnnxModule& network, const OnnxValue& image, const OnnxValue& pose);

/// Of the rotator of THA4 and of the compact teacher's face, too.
/// \param image  of any size
/// \param pose   [N, 6], or [N, 39] of the face
OnnxRotated unet_rotator(const OnnxModule& network, const OnnxValue& image, const OnnxValue& pose);

/// \param image, coarse_posed  [N, 4, 512, 512]
/// \param coarse_flow          [N, 2, 512, 512]
OnnxRotated unet_editor(const OnnxModule& network, const OnnxValue& image, const OnnxValue& coarse_posed,
                        const OnnxValue& coarse_flow, const OnnxValue& rotation);

/// \param coarse  what the rotator makes at half the size
OnnxRotated residual_editor(const OnnxModule& network, const OnnxValue& image, const OnnxRotated& coarse,
                            const OnnxValue& rotation);

OnnxRotated tha3_rotator(const OnnxModule& network, const OnnxValue& image, const OnnxValue& rotation);
OnnxRotated tha3_editor(const OnnxModule& network, const OnnxValue& image, const OnnxValue& coarse_warped,
                        const OnnxValue& coarse_flow, const OnnxValue& rotation);

}  // namespace tha4
