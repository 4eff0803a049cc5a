#include "host_rig_poser.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <semaphore>

#include <torch/types.h>

#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

template <class... Sizes>
at::Tensor make_tensor(Sizes... sizes) {
  return torch::empty({static_cast<std::int64_t>(sizes)...}, torch::kFloat32);
}

/// The region with a pixel more on all sides, where the frame has one.
Region with_margin(const FrameWindow& window) {
  const Region& region = window.region;
  const int left = std::max(region.x - 1, 0);
  const int top = std::max(region.y - 1, 0);
  const int right = std::min(region.x + region.width + 1, window.resolution);
  const int bottom = std::min(region.y + region.height + 1, window.resolution);
  return {left, top, right - left, bottom - top};
}

SplitPlanes planes_of(const PosedFrame& posed, std::int64_t index) {
  const auto at = [&](const at::Tensor& tensor) { return tensor[index].mutable_data_ptr<float>(); };
  return {at(posed.blended), at(posed.alpha), at(posed.warped), at(posed.direct), at(posed.flow)};
}

/// Draws frames on a thread of its own, while those before are worked on.
class FramesAhead {
 public:
  FramesAhead(RigRenderer& renderer, const std::vector<Pose>& poses, const FrameWindow& window,
              const FrameContents& contents)
      : drawing_(std::async(std::launch::async, [=, this, &renderer, &poses] {
          for (std::size_t i = 0; i < poses.size(); ++i) {
            free_.acquire();
            if (is_over_) return;
            try {
              renderer.render(poses[i], window, contents, frames_[i % kFrames]);
            } catch (...) {
              has_failed_ = true;
              drawn_.release();
              throw;
            }
            drawn_.release();
          }
        })) {}

  ~FramesAhead() {
    is_over_ = true;
    free_.release();
  }
  FramesAhead(const FramesAhead&) = delete;
  FramesAhead& operator=(const FramesAhead&) = delete;

  /// The next frame, good until the one after it is asked for. Throws what drawing it threw.
  const RigFrame& next() {
    if (taken_ > 0) free_.release();
    drawn_.acquire();
    if (has_failed_) drawing_.get();
    return frames_[taken_++ % kFrames];
  }

 private:
  static constexpr std::size_t kFrames = 2;
  std::array<RigFrame, kFrames> frames_;
  std::counting_semaphore<> free_{kFrames};
  std::counting_semaphore<> drawn_{0};
  std::atomic<bool> is_over_ = false;
  std::atomic<bool> has_failed_ = false;
  std::size_t taken_ = 0;
  std::future<void> drawing_;  ///< the last, so that it ends before what it uses
};

std::vector<float> draw_rest(RigRenderer& renderer) {
  const Pose rest{};
  return std::move(renderer.render({&rest, 1}, {}, kRestImageContents).front().color);
}

}  // namespace

HostRigPoser::HostRigPoser(Rig rig, c10::Device device)
    : renderer_(std::move(rig), device.is_cuda() ? device.index() : kAnyGpu), device_(device), splitter_({}) {
  std::vector<float> rest = draw_rest(renderer_);
  rest_image_ = make_tensor(4, kImageSize, kImageSize);
  to_planes(rest, rest_image_.mutable_data_ptr<float>());
  rest_image_ = rest_image_.to(device);
  splitter_ = HostSplitter(std::move(rest));
}

PosedFrame HostRigPoser::pose(const at::Tensor& batch, const FrameWindow& window) {
  check_window(window);
  const std::vector<Pose> poses = to_poses(batch);
  const auto make = [&](int channels) {
    return make_tensor(poses.size(), channels, window.region.height, window.region.width);
  };
  PosedFrame posed{make(4), make(4), make(4),
                   make(1), make(2), make_tensor(poses.size(), 4, kFaceCrop.height, kFaceCrop.width)};
  const FrameWindow drawn{window.resolution, with_margin(window)};
  FrameContents contents;
  contents.flow = true;
  contents.face = true;
  FramesAhead frames(renderer_, poses, drawn, contents);
  for (std::size_t i = 0; i < poses.size(); ++i) {
    const RigFrame& frame = frames.next();
    const auto index = static_cast<std::int64_t>(i);
    splitter_.split(frame, drawn, window.region, planes_of(posed, index));
    to_planes(frame.face, posed.face[index].mutable_data_ptr<float>());
  }
  for (at::Tensor* tensor :
       {&posed.blended, &posed.warped, &posed.direct, &posed.alpha, &posed.flow, &posed.face}) {
    *tensor = tensor->to(device_);
  }
  return posed;
}

at::Tensor HostRigPoser::face(const at::Tensor& batch) {
  const std::vector<Pose> poses = to_poses(batch);
  const at::Tensor faces = make_tensor(poses.size(), 4, kFaceCrop.height, kFaceCrop.width);
  FrameContents contents;
  contents.skeleton = Skeleton::at_rest;
  RigFrame frame;
  for (std::size_t i = 0; i < poses.size(); ++i) {
    renderer_.render(poses[i], {kImageSize, kFaceCrop}, contents, frame);
    to_planes(frame.color, faces[static_cast<std::int64_t>(i)].mutable_data_ptr<float>());
  }
  return faces.to(device_);
}

}  // namespace tha4
