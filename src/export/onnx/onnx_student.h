#pragma once

#include "onnx/onnx_module.h"

#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/student_kind.h"

// The networks of students (tha4/nn/student), as parts of a graph.

namespace tha4 {

/// How closely a SIREN's body is computed. Of float32 sums, the warp makes up to 3e-4 of a colour; `exact`
/// keeps that below 1e-4 by double precision in the layers that matter, and takes twice as long on a CPU.
enum class SirenSums { rounded, exact };

/// \param face_poses  [N, 39]
/// \return image tensors [N, 4, 128, 128]
OnnxValue siren_face(const OnnxModule& network, const OnnxValue& face_poses);
OnnxValue blendshape_face(const OnnxModule& network, const OnnxValue& face_poses);
OnnxValue student_face(FaceMorpherKind kind, const OnnxModule& network, const OnnxValue& face_poses);

/// \param images  image tensors [N, 4, 512, 512], their faces pasted in
/// \param poses   [N, 45]
/// \return posed image tensors [N, 4, 512, 512]
OnnxValue siren_body(const OnnxModule& network, SirenResolution resolution, const OnnxValue& images,
                     const OnnxValue& poses, SirenSums sums);
OnnxValue vanilla_siren_body(const OnnxModule& network, const OnnxValue& poses);
OnnxValue blendshape_body(const OnnxModule& network, const OnnxValue& images, const OnnxValue& poses);
OnnxValue student_body(BodyRotatorKind kind, const OnnxModule& network, const OnnxValue& images,
                       const OnnxValue& poses, SirenSums sums);

}  // namespace tha4
