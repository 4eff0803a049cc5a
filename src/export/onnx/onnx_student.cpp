#include "onnx/onnx_student.h"

#include "tha4/base/error.h"

namespace tha4 {

OnnxValue student_face(FaceMorpherKind kind, const OnnxModule& network, const OnnxValue& face_poses) {
  switch (kind) {
    case FaceMorpherKind::siren:
      return siren_face(network, face_poses);
    case FaceMorpherKind::blendshape:
      return blendshape_face(network, face_poses);
  }
  throw Error("a kind of face morpher that is not known");
}

OnnxValue student_body(BodyRotatorKind kind, const OnnxModule& network, const OnnxValue& images,
                       const OnnxValue& poses, SirenSums sums) {
  switch (kind) {
    case BodyRotatorKind::siren:
      return siren_body(network, SirenResolution::multiple, images, poses, sums);
    case BodyRotatorKind::siren_single_resolution:
      return siren_body(network, SirenResolution::single, images, poses, sums);
    case BodyRotatorKind::vanilla_siren:
      return vanilla_siren_body(network, poses);
    case BodyRotatorKind::blendshape:
      return blendshape_body(network, images, poses);
  }
  throw Error("a kind of body rotator that is not known");
}

}  // namespace tha4
