#include "cuda_rig_poser.h"

#include "gl_objects.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/poser/pose_batch.h"

namespace tha4 {
namespace {

constexpr Region kWholeFace{0, 0, kFaceCrop.width, kFaceCrop.height};

}  // namespace

bool CudaRigPoser::is_possible(c10::Device device) {
  if (!device.is_cuda()) return false;
  const GlContext context(device.index());
  const GlContext::Current current(context);
  return CudaBuffer::is_possible(device);
}

CudaRigPoser::CudaRigPoser(Rig rig, c10::Device device)
    : rig_(std::move(rig)), device_(device), context_(device.index()) {
  check_rig(rig_, rig_.name.empty() ? "rig" : rig_.name);
  const GlContext::Current current(context_);
  drawing_.emplace(rig_, device);
  rest_image_ = make_tensor(4, kImageSize, kImageSize);
  read(drawing_->splitter.rest_planes(), 0, {0, 0, kImageSize, kImageSize}, rest_image_);
  check_memory_of_driver();
}

CudaRigPoser::~CudaRigPoser() {
  const GlContext::Current current(context_);
  drawing_.reset();
}

template <class... Sizes>
at::Tensor CudaRigPoser::make_tensor(Sizes... sizes) const {
  return torch::empty({static_cast<std::int64_t>(sizes)...},
                      torch::TensorOptions(torch::kFloat32).device(device_));
}

/// Copies the pictures \p first, first + 1, ... of \p target, single planes, to \p planes [C, H, W].
void CudaRigPoser::read(const GlTarget& target, std::size_t first, const Region& region,
                        const at::Tensor& planes) {
  const auto count = static_cast<std::size_t>(planes.size(0));
  const std::size_t bytes = static_cast<std::size_t>(region.width) * region.height * sizeof(float);
  drawing_->buffer.fit(count * bytes);
  glBindBuffer(GL_PIXEL_PACK_BUFFER, drawing_->buffer.name());
  for (std::size_t i = 0; i < count; ++i) {
    target.read(first + i, region, GL_RED, GL_FLOAT, reinterpret_cast<void*>(i * bytes));
  }
  glBindBuffer(GL_PIXEL_PACK_BUFFER, 0);
  drawing_->buffer.copy_to(planes);
}

PosedFrame CudaRigPoser::pose(const at::Tensor& batch, const FrameWindow& window) {
  check_window(window);
  const torch::NoGradGuard no_grad;
  const std::vector<Pose> poses = to_poses(batch);
  const auto make = [&](int channels) {
    return make_tensor(poses.size(), channels, window.region.height, window.region.width);
  };
  PosedFrame posed{make(4), make(4), make(4),
                   make(1), make(2), make_tensor(poses.size(), 4, kFaceCrop.height, kFaceCrop.width)};
  FrameContents contents;
  contents.flow = true;
  contents.face = true;
  const GlContext::Current current(context_);
  for (std::size_t i = 0; i < poses.size(); ++i) {
    const SplitFrame split = drawing_->splitter.split(drawing_->drawer.draw(poses[i], window, contents));
    const auto index = static_cast<std::int64_t>(i);
    read(*split.blended, 0, split.region, posed.blended[index]);
    read(*split.blended, 4, split.region, posed.alpha[index]);
    read(*split.warped, 0, split.region, posed.warped[index]);
    read(*split.direct, 0, split.region, posed.direct[index]);
    read(*split.direct, 4, split.region, posed.flow[index]);
    read(*split.face, 0, kWholeFace, posed.face[index]);
  }
  check_memory_of_driver();
  return posed;
}

at::Tensor CudaRigPoser::face(const at::Tensor& batch) {
  const torch::NoGradGuard no_grad;
  const std::vector<Pose> poses = to_poses(batch);
  const at::Tensor faces = make_tensor(poses.size(), 4, kFaceCrop.height, kFaceCrop.width);
  FrameContents contents;
  contents.skeleton = Skeleton::at_rest;
  const GlContext::Current current(context_);
  for (std::size_t i = 0; i < poses.size(); ++i) {
    const DrawnFrame drawn = drawing_->drawer.draw(poses[i], {kImageSize, kFaceCrop}, contents);
    read(drawing_->splitter.planes(*drawn.color), 0, drawn.region, faces[static_cast<std::int64_t>(i)]);
  }
  check_memory_of_driver();
  return faces;
}

}  // namespace tha4
