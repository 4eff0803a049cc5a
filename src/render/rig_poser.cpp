#include "tha4/render/rig_poser.h"

#include <optional>

#include "frame_drawer.h"
#include "frame_reader.h"
#include "frame_splitter.h"
#include "gl_context.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

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

void check_memory() {
  if (glGetError() == GL_OUT_OF_MEMORY) {
    throw Error("the OpenGL driver is out of memory; draw at a lower resolution, or fewer rigs at once");
  }
}

class RigPoser final : public Poser {
 public:
  RigPoser(Rig rig, c10::Device device) : rig_(std::move(rig)), device_(device) {
    check_rig(rig_, rig_.name.empty() ? "rig" : rig_.name);
    const GlContext::Current current(context_);
    drawing_.emplace(rig_, device);
    rest_image_ = make_tensor(4, kImageSize, kImageSize);
    drawing_->reader.read(drawing_->splitter.rest_planes(), 0, {0, 0, kImageSize, kImageSize}, rest_image_);
    check_memory();
  }

  ~RigPoser() override {
    const GlContext::Current current(context_);
    drawing_.reset();
  }

  RigPoser(const RigPoser&) = delete;
  RigPoser& operator=(const RigPoser&) = delete;

  PosedFrame pose(const at::Tensor& batch, const FrameWindow& window) override {
    check_window(window);
    const torch::NoGradGuard no_grad;
    const std::vector<Pose> poses = poses_of(batch);
    const auto count = static_cast<std::int64_t>(poses.size());
    const auto make = [&](std::int64_t channels) {
      return make_tensor(count, channels, window.region.height, window.region.width);
    };
    PosedFrame posed{make(4), make(4), make(4),
                     make(1), make(2), make_tensor(count, 4, kFaceCrop.height, kFaceCrop.width)};
    FrameContents contents;
    contents.flow = true;
    contents.face = true;
    const GlContext::Current current(context_);
    for (std::int64_t i = 0; i < count; ++i) {
      const Pose& pose = poses[static_cast<std::size_t>(i)];
      read(drawing_->splitter.split(drawing_->drawer.draw(pose, window, contents)), posed, i);
    }
    check_memory();
    return posed;
  }

  at::Tensor face(const at::Tensor& batch) override {
    const torch::NoGradGuard no_grad;
    const std::vector<Pose> poses = poses_of(batch);
    const at::Tensor faces =
        make_tensor(static_cast<std::int64_t>(poses.size()), 4, kFaceCrop.height, kFaceCrop.width);
    FrameContents contents;
    contents.skeleton = Skeleton::at_rest;
    const GlContext::Current current(context_);
    for (std::size_t i = 0; i < poses.size(); ++i) {
      const DrawnFrame drawn = drawing_->drawer.draw(poses[i], {kImageSize, kFaceCrop}, contents);
      drawing_->reader.read(drawing_->splitter.planes(*drawn.color), 0, drawn.region,
                            faces[static_cast<std::int64_t>(i)]);
    }
    check_memory();
    return faces;
  }

  const at::Tensor& rest_image() const override { return rest_image_; }
  c10::Device device() const override { return device_; }

 private:
  /// Everything on the graphics device.
  struct Drawing {
    Drawing(const Rig& rig, c10::Device device) : drawer(rig), splitter(drawer), reader(device) {}
    FrameDrawer drawer;
    FrameSplitter splitter;
    FrameReader reader;
  };

  template <class... Sizes>
  at::Tensor make_tensor(Sizes... sizes) const {
    return torch::empty({sizes...}, torch::TensorOptions(torch::kFloat32).device(device_));
  }

  void read(const SplitFrame& split, const PosedFrame& posed, std::int64_t index) {
    FrameReader& reader = drawing_->reader;
    reader.read(*split.blended, 0, split.region, posed.blended[index]);
    reader.read(*split.blended, 4, split.region, posed.alpha[index]);
    reader.read(*split.warped, 0, split.region, posed.warped[index]);
    reader.read(*split.direct, 0, split.region, posed.direct[index]);
    reader.read(*split.direct, 4, split.region, posed.flow[index]);
    reader.read(*split.face, 0, {0, 0, kFaceCrop.width, kFaceCrop.height}, posed.face[index]);
  }

  Rig rig_;
  c10::Device device_;
  GlContext context_;
  std::optional<Drawing> drawing_;
  at::Tensor rest_image_;
};

}  // namespace

std::unique_ptr<Poser> make_rig_poser(Rig rig, c10::Device device) {
  return std::make_unique<RigPoser>(std::move(rig), device);
}

}  // namespace tha4
