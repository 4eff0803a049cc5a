#include "fused_blendshape.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "blend_body.h"
#include "face_blend.h"
#include <torch/types.h>

#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

at::Tensor cpu_values(const at::Tensor& values) {
  return values.to(torch::kCPU, torch::kFloat32).contiguous();
}

class FusedBlendshapeFaceMorpher final : public StudentFaceMorpher {
 public:
  FusedBlendshapeFaceMorpher(BlendshapeFaceMorpherImpl& network, std::shared_ptr<TileWorkers> workers)
      : workers_(std::move(workers)), face_(make_blend_program(network)) {}

  at::Tensor draw(const at::Tensor& face_poses) override {
    const std::lock_guard lock(mutex_);
    const at::Tensor batch = cpu_values(face_poses);
    at::Tensor faces = torch::empty({batch.size(0), FixedImage::kColors, kFaceCrop.height, kFaceCrop.width});
    for (std::int64_t i = 0; i < batch.size(0); ++i) {
      draw_one(batch[i].data_ptr<float>(), faces[i].data_ptr<float>());
    }
    return faces;
  }

 private:
  void draw_one(const float* pose, float* face) {
    workers_->run(face_.weight_tasks(),
                  [&](std::int64_t task, int) { face_.find_weights(static_cast<int>(task), pose); });
    workers_->run(face_.sum_tasks(), [&](std::int64_t task, int) { face_.sum(static_cast<int>(task)); });
    workers_->run(face_.channel_tasks(),
                  [&](std::int64_t task, int) { face_.write_channel(static_cast<int>(task), face); });
  }

  std::shared_ptr<TileWorkers> workers_;
  FaceBlend face_;
  std::mutex mutex_;  ///< one pose is drawn at a time
};

/// Where planes [channels, h, w] of a window's region begin, and how they go on.
struct Planes {
  float* values;
  std::ptrdiff_t plane;

  /// \param tile  [channels][kTileLength]
  void copy(const float (*tile)[kTileLength], int channels, std::ptrdiff_t place,
            const BlendBody::Run& run) const {
    for (int channel = 0; channel < channels; ++channel) {
      std::copy_n(tile[channel] + run.offset, run.count, values + channel * plane + place);
    }
  }
};

class FusedBlendshapeBodyRotator final : public StudentBodyRotator {
 public:
  FusedBlendshapeBodyRotator(BlendshapeBodyRotatorImpl& network, std::shared_ptr<TileWorkers> workers)
      : workers_(std::move(workers)), body_(network, *workers_) {}

  RotatorOutput rotate(const at::Tensor& image, const at::Tensor& poses, const FrameWindow& window) override {
    const std::lock_guard lock(mutex_);
    const at::Tensor batch = cpu_values(poses);
    const std::int64_t count = batch.size(0);
    const auto planes = [&](int channels) {
      return torch::empty({count, channels, window.region.height, window.region.width});
    };
    RotatorOutput body{planes(FixedImage::kColors), planes(FixedImage::kColors), planes(FixedImage::kColors),
                       planes(1), planes(2)};
    for (std::int64_t i = 0; i < count; ++i) {
      if (i == 0 || image.size(0) > 1) read_image(image[i]);
      body_.draw_maps(batch[i].data_ptr<float>(), window);
      draw_pixels(window, {body.blended[i], body.warped[i], body.direct[i], body.alpha[i], body.flow[i]});
    }
    return body;
  }

 private:
  void read_image(const at::Tensor& image) {
    constexpr int kRows = 32;
    const at::Tensor planes = cpu_values(image);
    const int height = static_cast<int>(planes.size(1)), width = static_cast<int>(planes.size(2));
    if (!image_ || image_->width() != width || image_->height() != height) image_.emplace(width, height);
    workers_->run((height + kRows - 1) / kRows, [&](std::int64_t task, int) {
      const int y = static_cast<int>(task) * kRows;
      image_->write(planes.data_ptr<float>() + static_cast<std::ptrdiff_t>(y) * width,
                    static_cast<std::ptrdiff_t>(width) * height, {0, y, width, std::min(kRows, height - y)});
    });
  }

  void draw_pixels(const FrameWindow& window, const RotatorOutput& body) {
    const Region& region = window.region;
    const std::ptrdiff_t area = static_cast<std::ptrdiff_t>(region.width) * region.height;
    const auto planes = [&](const at::Tensor& tensor) { return Planes{tensor.data_ptr<float>(), area}; };
    const Planes blended = planes(body.blended), warped = planes(body.warped), direct = planes(body.direct),
                 alpha = planes(body.alpha), flow = planes(body.flow);
    body_.draw_pixels(*image_, window, [&](const BlendTask& task, float* cells, const BlendBody::Run& run) {
      BlendedTile tile;
      draw_blended_tile(task, cells, tile);
      const std::ptrdiff_t place =
          static_cast<std::ptrdiff_t>(run.y - region.y) * region.width + run.x - region.x;
      blended.copy(tile.blended, FixedImage::kColors, place, run);
      warped.copy(tile.warped, FixedImage::kColors, place, run);
      direct.copy(tile.direct, FixedImage::kColors, place, run);
      alpha.copy(&tile.alpha, 1, place, run);
      flow.copy(tile.flow, 2, place, run);
    });
  }

  std::shared_ptr<TileWorkers> workers_;
  BlendBody body_;
  std::optional<FixedImage> image_;
  std::mutex mutex_;
};

}  // namespace

std::shared_ptr<StudentFaceMorpher> fused_blendshape_face(StudentFaceMorpher& network,
                                                          std::shared_ptr<TileWorkers> workers) {
  return std::make_shared<FusedBlendshapeFaceMorpher>(dynamic_cast<BlendshapeFaceMorpherImpl&>(network),
                                                      std::move(workers));
}

std::shared_ptr<StudentBodyRotator> fused_blendshape_body(StudentBodyRotator& network,
                                                          std::shared_ptr<TileWorkers> workers) {
  return std::make_shared<FusedBlendshapeBodyRotator>(dynamic_cast<BlendshapeBodyRotatorImpl&>(network),
                                                      std::move(workers));
}

}  // namespace tha4
