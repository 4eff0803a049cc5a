#pragma once

#include <torch/nn/module.h>

#include "tha4/image/region.h"
#include "tha4/nn/blocks/rotator_output.h"

namespace tha4 {

/// The family of student face morphers: networks that draw one character's face crop (paper section 5.1).
class StudentFaceMorpher : public torch::nn::Module {
 public:
  /// \param face_poses  [N, 39]
  /// \return image tensors [N, 4, 128, 128]
  virtual torch::Tensor draw(const torch::Tensor& face_poses) = 0;
};

/// The family of student body rotators: networks that pose one character, whose face crop is drawn before.
class StudentBodyRotator : public torch::nn::Module {
 public:
  /// \param image   [N, 4, 512, 512], rest images with the face crop pasted in
  /// \param poses   [N, 45]
  /// \param window  what to draw; the cost is in proportion to its region
  /// \return of the region's size
  virtual RotatorOutput rotate(const torch::Tensor& image, const torch::Tensor& poses,
                               const FrameWindow& window) = 0;
};

}  // namespace tha4
