#include "tha4/poser/student_poser.h"

#include <torch/types.h>

#include "tha4/image/color.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/network_precision.h"
#include "tha4/pose/pose.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {

StudentPoser::StudentPoser(const Character& character, c10::Device device, Precision precision)
    : face_morpher_(character.face_morpher),
      body_rotator_(character.body_rotator),
      rest_image_(to_image_tensor(character.image).to(device)) {
  move_network(*face_morpher_, device, scalar_type(precision));
  move_network(*body_rotator_, device, scalar_type(precision));
  face_morpher_->eval();
  body_rotator_->eval();
}

PosedFrame StudentPoser::pose(const at::Tensor& poses, const FrameWindow& window) {
  check_window(window);
  const torch::NoGradGuard no_grad;
  const at::Tensor batch = to_pose_batch(poses, device());
  PosedFrame frame;
  frame.face = face(batch);
  const RotatorOutput body =
      body_rotator_->rotate(paste(rest_image_.unsqueeze(0), frame.face, kFaceCrop), batch, window);
  frame.blended = body.blended;
  frame.warped = body.warped;
  frame.direct = body.direct;
  frame.alpha = body.alpha;
  frame.flow = body.flow;
  return frame;
}

at::Tensor StudentPoser::face(const at::Tensor& poses) {
  const torch::NoGradGuard no_grad;
  return face_morpher_->draw(to_pose_batch(poses, device()).narrow(1, 0, kFacePoseSize)).to(torch::kFloat32);
}

}  // namespace tha4
