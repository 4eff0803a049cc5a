#include "tha4/poser/teacher_poser.h"

#include <utility>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

/// Where the student's face crop lies within the face that the teacher draws.
class TeacherPoser final : public Poser {
 public:
  TeacherPoser(Teacher teacher, const at::Tensor& rest_image, c10::Device device)
      : teacher_(std::move(teacher)), rest_image_(rest_image.to(device, torch::kFloat32)) {
    const torch::NoGradGuard no_grad;
    prepared_ = teacher_.prepare(rest_image_.unsqueeze(0));
  }

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override {
    check_window(window);
    if (window.resolution != kImageSize) {
      throw InputError("a teacher draws frames of 512x512 pixels only", Remedy::usual_resolution);
    }
    const torch::NoGradGuard no_grad;
    const TeacherOutput output = teacher_(prepared_, to_pose_batch(poses, device()));
    PosedFrame frame;
    frame.blended = crop(output.editor.blended, window.region);
    frame.warped = crop(output.editor.warped, window.region);
    frame.direct = crop(output.editor.direct, window.region);
    frame.alpha = crop(output.editor.alpha, window.region);
    frame.flow = crop(output.editor.flow, window.region);
    frame.face = crop(output.face_morphed_image, kFaceCrop);
    return frame;
  }

  at::Tensor face(const at::Tensor& poses) override {
    const torch::NoGradGuard no_grad;
    return crop(teacher_.face(prepared_, to_pose_batch(poses, device())), kFaceCropInTeacherFace);
  }

  const at::Tensor& rest_image() const override { return rest_image_; }
  at::Device device() const override { return rest_image_.device(); }

 private:
  Teacher teacher_;
  at::Tensor rest_image_;
  PreparedImage prepared_;
};

}  // namespace

std::unique_ptr<Poser> make_teacher_poser(Teacher teacher, const at::Tensor& rest_image, c10::Device device,
                                          Precision precision) {
  teacher.to(device, scalar_type(precision));
  return std::make_unique<TeacherPoser>(std::move(teacher), rest_image, device);
}

}  // namespace tha4
