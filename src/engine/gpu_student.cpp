#include "gpu_student.h"

#include <algorithm>
#include <cstring>

#include <torch/types.h>

#include "tha4/image/color.h"
#include "tha4/image/srgb.h"

namespace tha4 {
namespace {

constexpr int kColorChannels = 4;

/// Pixels of \p images that go nowhere yet.
kernels::BodyPixels pixels_of(const float* images) {
  kernels::BodyPixels pixels{};
  pixels.image = images;
  pixels.image_size = kImageSize;
  return pixels;
}

}  // namespace

GpuStudent::GpuStudent(const Character& character, c10::Device device)
    : device_(device),
      rest_image_(to_image_tensor(character.image).to(device)),
      face_(gpu_face_morpher(character, device)),
      body_(gpu_body_rotator(character, device)) {}

at::Tensor GpuStudent::draw_face(const GpuPoses& poses) {
  const std::lock_guard lock(mutex_);
  const at::Tensor face = planes(poses.size(0), kColorChannels, kFaceCrop);
  for (std::int64_t first = 0; first < poses.size(0); first += kMaxGpuBatch) {
    const std::int64_t count = std::min(kMaxGpuBatch, poses.size(0) - first);
    face_->draw(poses.narrow(0, first, count), face[first].data_ptr<float>(), nullptr);
  }
  return face;
}

PosedFrame GpuStudent::draw(const GpuPoses& poses, const FrameWindow& window) {
  const std::lock_guard lock(mutex_);
  PosedFrame frame;
  for (std::int64_t first = 0; first < poses.size(0); first += kMaxGpuBatch) {
    draw_batch(poses, first, std::min(kMaxGpuBatch, poses.size(0) - first), window, frame);
  }
  return frame;
}

void GpuStudent::paint(const GpuPoses& pose, const FrameWindow& window, AlphaKind alpha,
                       std::uint8_t* pixels) {
  const std::lock_guard lock(mutex_);
  const std::int64_t bytes = std::int64_t{kColorChannels} * window.region.width * window.region.height;
  if (!next_levels_.defined()) {
    const std::array<float, 256>& levels = srgb_levels().next_levels();
    next_levels_ = torch::tensor(at::ArrayRef<float>(levels.data(), levels.size())).to(device_);
  }
  float* const images = images_for(1);
  face_->draw(pose, nullptr, images);
  body_->draw_maps(pose, window);
  if (!picture_.defined() || picture_.numel() < bytes) {
    picture_ = torch::empty({bytes}, torch::TensorOptions(torch::kUInt8).device(device_));
    copy_ = torch::empty({bytes}, torch::TensorOptions(torch::kUInt8).pinned_memory(true));
  }
  kernels::BodyPixels targets = pixels_of(images);
  targets.picture = static_cast<unsigned*>(picture_.data_ptr());
  targets.next_levels = next_levels_.data_ptr<float>();
  targets.premultiplied = alpha == AlphaKind::premultiplied ? 1 : 0;
  body_->draw_pixels(pose, targets);
  copy_.narrow(0, 0, bytes).copy_(picture_.narrow(0, 0, bytes));
  std::memcpy(pixels, copy_.data_ptr(), static_cast<std::size_t>(bytes));
}

at::Tensor GpuStudent::planes(std::int64_t poses, std::int64_t channels, const Region& region) const {
  return torch::empty({poses, channels, region.height, region.width}, torch::TensorOptions().device(device_));
}

void GpuStudent::add_planes(PosedFrame& frame, std::int64_t poses, const Region& region) const {
  frame.blended = planes(poses, kColorChannels, region);
  frame.warped = planes(poses, kColorChannels, region);
  frame.direct = planes(poses, kColorChannels, region);
  frame.alpha = planes(poses, 1, region);
  frame.flow = planes(poses, 2, region);
}

/// Images of \p count poses, of which all but the face crops stay as they are.
float* GpuStudent::images_for(std::int64_t count) {
  if (!images_.defined() || images_.size(0) < count) {
    images_ = rest_image_.permute({1, 2, 0}).unsqueeze(0).repeat({count, 1, 1, 1}).contiguous();
  }
  return images_.data_ptr<float>();
}

void GpuStudent::draw_batch(const GpuPoses& all_poses, std::int64_t first, std::int64_t count,
                            const FrameWindow& window, PosedFrame& frame) {
  const GpuPoses poses = all_poses.narrow(0, first, count);
  const auto part = [&](const at::Tensor& tensor) { return tensor[first].data_ptr<float>(); };
  float* const images = images_for(count);
  if (first == 0) frame.face = planes(all_poses.size(0), kColorChannels, kFaceCrop);
  face_->draw(poses, part(frame.face), images);
  body_->draw_maps(poses, window);
  if (first == 0) add_planes(frame, all_poses.size(0), window.region);  // while the GPU draws
  kernels::BodyPixels targets = pixels_of(images);
  targets.blended = part(frame.blended);
  targets.warped = part(frame.warped);
  targets.direct = part(frame.direct);
  targets.alpha = part(frame.alpha);
  targets.flow = part(frame.flow);
  body_->draw_pixels(poses, targets);
}

}  // namespace tha4
