#pragma once

#include "tha4/base/device.h"
#include "tha4/poser/character.h"
#include "tha4/poser/poser.h"

namespace tha4 {

/// Poses a distilled character: the face morpher draws the face crop, which is pasted into the rest image,
/// which the body rotator poses (paper, figure 3). Draws at any resolution.
class StudentPoser final : public Poser {
 public:
  /// Moves the networks of \p character to \p device and converts them to \p precision, also for all other
  /// owners of them: a character that is needed otherwise, too, is loaded twice.
  StudentPoser(const Character& character, c10::Device device, Precision precision = Precision::fp32);

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window = {}) override;
  at::Tensor face(const at::Tensor& poses) override;
  const at::Tensor& rest_image() const override { return rest_image_; }
  at::Device device() const override { return rest_image_.device(); }

 private:
  std::shared_ptr<StudentFaceMorpher> face_morpher_;
  std::shared_ptr<StudentBodyRotator> body_rotator_;
  at::Tensor rest_image_;
};

}  // namespace tha4
