#pragma once

#include "onnx/onnx_module.h"

#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/student_kind.h"

// The networks of students (tha4/nn/student), as parts of a graph.

namespace tha4 {

/// \param face_poses  [N, 39]
/// \return image tensors [N, 4, 128, 128]
OnnxValue siren_face(const OnnxModule& network, const OnnxValue& face_poses);
OnnxValue blendshape_face(const OnnxModule& network, const OnnxValue& face_poses);
OnnxValue student_face(FaceMorpherKind kind, const OnnxModule& network, const OnnxValue& face_poses);

/// \param images  image tensors [N, 4, 512, 512], their faces pasted in
/// \param poses   [N, 45]
/// \return posed image tensors [N, 4, 512, 512]
OnnxValue siren_body(const OnnxModule& network, SirenResolution resolution, const OnnxValue& images,
                     const OnnxValue& poses);
OnnxValue vanilla_siren_body(const OnnxModule& network, const OnnxValue& poses);
OnnxValue blendshape_body(const OnnxModule& network, const OnnxValue& images, const OnnxValue& poses);
OnnxValue student_body(BodyRotatorKind kind, const OnnxModule& network, const OnnxValue& images,
                       const OnnxValue& poses);

}  // namespace tha4
