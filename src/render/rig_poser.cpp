#include "tha4/render/rig_poser.h"

#include <torch/types.h>

#include "tha4/nn/appearance_flow.h"
#include "tha4/nn/frame_sampling.h"
#include "tha4/poser/pose_batch.h"
#include "tha4/render/rig_renderer.h"

namespace tha4 {
namespace {

/// Differences of colours, in [0, 1], that are let be, and from which on the drawn colour replaces the warped
/// one.
constexpr double kInvisible = 1.0 / 255;
constexpr double kVisible = 4.0 / 255;

std::vector<Pose> poses_of(const at::Tensor& batch) {
  const at::Tensor values = to_pose_batch(batch, torch::kCPU).contiguous();
  std::vector<Pose> poses(static_cast<std::size_t>(values.size(0)));
  const float* from = values.const_data_ptr<float>();
  for (Pose& pose : poses) {
    std::copy_n(from, pose.size(), pose.begin());
    from += pose.size();
  }
  return poses;
}

/// Stacks one list of each frame, of \p channels values a pixel, as [N, channels, height, width].
template <class Value>
at::Tensor stack(const std::vector<RigFrame>& frames, std::vector<Value> RigFrame::*list, int channels,
                 const Region& region) {
  const auto type = std::is_same_v<Value, float> ? torch::kFloat32 : torch::kUInt8;
  at::Tensor tensor = torch::empty(
      {static_cast<std::int64_t>(frames.size()), channels, region.height, region.width}, torch::kFloat32);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    // from_blob() takes memory that could be written to, but nothing writes to it.
    auto* const values = const_cast<Value*>((frames[i].*list).data());
    tensor[static_cast<std::int64_t>(i)].copy_(
        torch::from_blob(values, {region.height, region.width, channels}, type).permute({2, 0, 1}));
  }
  return tensor;
}

at::Tensor stack_images(const std::vector<RigFrame>& frames, std::vector<float> RigFrame::*list,
                        const Region& region) {
  return stack(frames, list, 4, region).mul_(2).sub_(1);
}

/// The largest difference of two images' channels for each pixel, in light and as the eye takes it: [N, 1, H,
/// W] in [0, 1].
at::Tensor visible_difference(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor light_a = (a * 0.5 + 0.5).clamp_min_(0);
  const at::Tensor light_b = (b * 0.5 + 0.5).clamp_min_(0);
  const at::Tensor in_light = (light_a - light_b).abs_();
  return torch::maximum(in_light, (light_a.sqrt() - light_b.sqrt()).abs_()).amax(1, /*keepdim=*/true);
}

/// How much of the drawn colour each pixel needs.
at::Tensor share_of_direct(const at::Tensor& warped, const at::Tensor& direct, const at::Tensor& hidden) {
  const at::Tensor differs =
      ((visible_difference(warped, direct) - kInvisible) / (kVisible - kInvisible)).clamp_(0, 1);
  const at::Tensor needed = torch::maximum(differs, hidden);
  const at::Tensor softened = torch::avg_pool2d(needed, 3, 1, 1);
  return torch::maximum(needed, softened);
}

class RigPoser final : public Poser {
 public:
  RigPoser(Rig rig, c10::Device device) : renderer_(std::move(rig)), device_(device) {
    const Pose rest{};
    rest_image_ = stack_images(renderer_.render({&rest, 1}), &RigFrame::color, {0, 0, kImageSize, kImageSize})
                      .squeeze(0)
                      .to(device);
  }

  PosedFrame pose(const at::Tensor& poses, const FrameWindow& window) override {
    check_window(window);
    const torch::NoGradGuard no_grad;
    FrameContents contents;
    contents.flow = true;
    contents.face = true;
    const std::vector<RigFrame> frames = renderer_.render(poses_of(poses), window, contents);
    PosedFrame posed;
    posed.direct = stack_images(frames, &RigFrame::color, window.region).to(device_);
    posed.face = stack_images(frames, &RigFrame::face, kFaceCrop).to(device_);
    posed.flow = stack(frames, &RigFrame::flow, 2, window.region).to(device_);
    const at::Tensor hidden = stack(frames, &RigFrame::hidden, 1, window.region).to(device_);
    posed.warped = warp(paste(rest_image_.unsqueeze(0), posed.face, kFaceCrop), posed.flow, window);
    posed.alpha = share_of_direct(posed.warped, posed.direct, hidden);
    posed.blended = blend(posed.alpha, posed.direct, posed.warped);
    return posed;
  }

  at::Tensor face(const at::Tensor& poses) override {
    const torch::NoGradGuard no_grad;
    FrameContents contents;
    contents.skeleton = Skeleton::at_rest;
    const std::vector<RigFrame> frames = renderer_.render(poses_of(poses), {kImageSize, kFaceCrop}, contents);
    return stack_images(frames, &RigFrame::color, kFaceCrop).to(device_);
  }

  const at::Tensor& rest_image() const override { return rest_image_; }
  c10::Device device() const override { return device_; }

 private:
  RigRenderer renderer_;
  c10::Device device_;
  at::Tensor rest_image_;
};

}  // namespace

std::unique_ptr<Poser> make_rig_poser(Rig rig, c10::Device device) {
  return std::make_unique<RigPoser>(std::move(rig), device);
}

}  // namespace tha4
