#include "tha4/poser/teacher_poser.h"

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"
#include "tha4/nn/network_precision.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

/// Where the student's face crop lies within the face that the teacher draws.
constexpr Region kFaceCropInTeacherFace{kFaceCrop.x - kTeacherFaceCrop.x, kFaceCrop.y - kTeacherFaceCrop.y,
                                        kFaceCrop.width, kFaceCrop.height};

/// A poser by either pipeline: they differ in their networks, not in what they offer.
template <class Pipeline>
class PipelinePoser final : public Poser {
 public:
  PipelinePoser(Pipeline pipeline, const at::Tensor& rest_image, c10::Device device)
      : pipeline_(std::move(pipeline)), rest_image_(rest_image.to(device, torch::kFloat32)) {
    const torch::NoGradGuard no_grad;
    layers_ = pipeline_.decompose(rest_image_.unsqueeze(0));
  }

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override {
    check_window(window);
    if (window.resolution != kImageSize) {
      throw InputError(
          "a teacher draws frames of 512x512 pixels only; leave --resolution out, or use a character");
    }
    const torch::NoGradGuard no_grad;
    const auto output = pipeline_(rest_image_.unsqueeze(0), layers_, to_pose_batch(poses, device()));
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
    return crop(pipeline_.face(rest_image_.unsqueeze(0), layers_, to_pose_batch(poses, device())),
                kFaceCropInTeacherFace);
  }

  const at::Tensor& rest_image() const override { return rest_image_; }
  at::Device device() const override { return rest_image_.device(); }

 private:
  Pipeline pipeline_;
  at::Tensor rest_image_;
  EyebrowDecomposerOutput layers_;
};

template <class Pipeline, class Networks>
std::unique_ptr<Poser> make_poser(const Networks& networks, const at::Tensor& rest_image, c10::Device device,
                                  Precision precision) {
  for (const NamedNetwork& named : named_networks(networks)) {
    move_network(*named.network, device, scalar_type(precision));
    named.network->eval();
  }
  return std::make_unique<PipelinePoser<Pipeline>>(Pipeline(networks), rest_image, device);
}

}  // namespace

std::unique_ptr<Poser> make_teacher_poser(const TeacherNetworks& networks, const at::Tensor& rest_image,
                                          c10::Device device, Precision precision) {
  return make_poser<TeacherPipeline>(networks, rest_image, device, precision);
}

std::unique_ptr<Poser> make_tha3_poser(const Tha3Networks& networks, const at::Tensor& rest_image,
                                       c10::Device device, Precision precision) {
  return make_poser<Tha3Pipeline>(networks, rest_image, device, precision);
}

}  // namespace tha4
