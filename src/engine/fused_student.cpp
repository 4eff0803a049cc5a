#include "tha4/engine/fused_student.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "fused_blendshape.h"
#include "siren_player.h"
#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/pose/pose.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

constexpr int kColors = 4;

/// Where a tile's pixels go in planes [C, h, w] of a window's region.
float* place_in(const at::Tensor& planes, const Region& region, const TileResults& tile) {
  return planes.data_ptr<float>() + static_cast<std::ptrdiff_t>(tile.y - region.y) * region.width +
         (tile.x - region.x);
}

/// Copies an output of a tile.
void copy_output(const TileResults& tile, int output, float* to) {
  std::copy_n(tile.values + output * kTileLength + tile.offset, tile.count, to);
}

/// Copies all outputs of a tile into planes [outputs, h, w].
void copy_outputs(const TileResults& tile, int first, int count, const at::Tensor& planes,
                  const Region& region) {
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(region.width) * region.height;
  float* const place = place_in(planes, region, tile);
  for (int i = 0; i < count; ++i) copy_output(tile, first + i, place + i * plane);
}

at::Tensor cpu_poses(const at::Tensor& poses) {
  return poses.to(torch::kCPU, torch::kFloat32).contiguous();
}

/// All outputs of a network that draws colours, [N, 4, h, w].
at::Tensor draw_colors(SirenPlayer& player, const at::Tensor& poses, const FrameWindow& window) {
  const at::Tensor batch = cpu_poses(poses);
  at::Tensor colors = torch::empty({batch.size(0), kColors, window.region.height, window.region.width});
  for (std::int64_t i = 0; i < batch.size(0); ++i) {
    const at::Tensor one = colors[i];
    player.draw(batch[i], window,
                [&](const TileResults& tile) { copy_outputs(tile, 0, kColors, one, window.region); });
  }
  return colors;
}

class FusedFaceMorpher final : public StudentFaceMorpher {
 public:
  FusedFaceMorpher(const torch::nn::Module& network, std::shared_ptr<TileWorkers> workers)
      : workers_(std::move(workers)),
        player_(make_siren_program(siren_matrices(state_dict_of(network), 0)), *workers_) {}

  at::Tensor draw(const at::Tensor& face_poses) override {
    const std::lock_guard lock(mutex_);
    return draw_colors(player_, face_poses, FrameWindow::whole(kFaceCrop.width));
  }

 private:
  std::shared_ptr<TileWorkers> workers_;
  SirenPlayer player_;
  std::mutex mutex_;  ///< the player draws one pose at a time
};

class FusedVanillaBodyRotator final : public StudentBodyRotator {
 public:
  FusedVanillaBodyRotator(const torch::nn::Module& network, std::shared_ptr<TileWorkers> workers)
      : workers_(std::move(workers)),
        player_(make_siren_program(siren_matrices(state_dict_of(network), 0)), *workers_) {}

  RotatedBody rotate(const at::Tensor& image, const at::Tensor& poses, const FrameWindow& window) override {
    const std::lock_guard lock(mutex_);
    RotatedBody body;
    body.direct = draw_colors(player_, poses, window);
    body.blended = body.direct;
    body.alpha = torch::ones_like(body.direct.narrow(1, 0, 1));
    body.flow = torch::zeros_like(body.direct.narrow(1, 0, 2));
    body.warped = warp(image, body.flow, window);
    return body;
  }

 private:
  std::shared_ptr<TileWorkers> workers_;
  SirenPlayer player_;
  std::mutex mutex_;
};

/// An image [H, W, 4], for all colours of a pixel to be read at once.
class PixelImage {
 public:
  explicit PixelImage(const at::Tensor& planes)
      : pixels_(planes.permute({1, 2, 0}).to(torch::kFloat32).contiguous()),
        values_(pixels_.data_ptr<float>()),
        width_(static_cast<int>(pixels_.size(1))),
        height_(static_cast<int>(pixels_.size(0))) {}

  /// Bilinear at a position of which the whole image is [-1, 1], the border going on for ever.
  std::array<float, kColors> sample(float x, float y) const {
    const float column = cell_of(x, width_), row = cell_of(y, height_);
    const int left = static_cast<int>(column), top = static_cast<int>(row);
    const float right_share = column - static_cast<float>(left), lower_share = row - static_cast<float>(top);
    const float* const upper = values_ + (static_cast<std::ptrdiff_t>(top) * width_ + left) * kColors;
    const int right = left + 1 < width_ ? kColors : 0;
    const std::ptrdiff_t below = top + 1 < height_ ? static_cast<std::ptrdiff_t>(width_) * kColors : 0;
    std::array<float, kColors> colors;
    for (int i = 0; i < kColors; ++i) {
      const float above = upper[i] + right_share * (upper[i + right] - upper[i]);
      const float* const lower = upper + below;
      const float under = lower[i] + right_share * (lower[i + right] - lower[i]);
      colors[static_cast<std::size_t>(i)] = above + lower_share * (under - above);
    }
    return colors;
  }

 private:
  /// In cells from the first one's centre; what is no number counts as the first.
  static float cell_of(float position, int size) {
    const float cell = ((position + 1) * static_cast<float>(size) - 1) / 2;
    return std::min(std::max(0.0F, cell), static_cast<float>(size - 1));
  }

  at::Tensor pixels_;
  const float* values_;
  int width_;
  int height_;
};

/// Where the rows of a tile's outputs begin: flow, alpha, direct (SirenBodyRotatorImpl).
constexpr int kFlow = 0;
constexpr int kAlpha = 2;
constexpr int kDirect = 3;

class FusedBodyRotator final : public StudentBodyRotator {
 public:
  FusedBodyRotator(const torch::nn::Module& network, SirenResolution resolution,
                   std::shared_ptr<TileWorkers> workers)
      : workers_(std::move(workers)),
        player_(make_siren_program(siren_matrices(state_dict_of(network), resolution)), *workers_) {}

  RotatedBody rotate(const at::Tensor& image, const at::Tensor& poses, const FrameWindow& window) override {
    const std::lock_guard lock(mutex_);
    const at::Tensor batch = cpu_poses(poses);
    const std::int64_t count = batch.size(0);
    const auto planes = [&](int channels) {
      return torch::empty({count, channels, window.region.height, window.region.width});
    };
    RotatedBody body{planes(kColors), planes(kColors), planes(kColors), planes(1), planes(2)};
    for (std::int64_t i = 0; i < count; ++i) {
      const PixelImage pixels(image[image.size(0) == 1 ? 0 : i]);
      const RotatedBody one{body.blended[i], body.warped[i], body.direct[i], body.alpha[i], body.flow[i]};
      player_.draw(batch[i], window, [&](const TileResults& tile) { write_tile(tile, pixels, window, one); });
    }
    return body;
  }

 private:
  static void write_tile(const TileResults& tile, const PixelImage& image, const FrameWindow& window,
                         const RotatedBody& body) {
    const Region& region = window.region;
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(region.width) * region.height;
    copy_outputs(tile, kFlow, 2, body.flow, region);
    copy_outputs(tile, kAlpha, 1, body.alpha, region);
    copy_outputs(tile, kDirect, kColors, body.direct, region);
    float* const warped = place_in(body.warped, region, tile);
    float* const blended = place_in(body.blended, region, tile);
    const float step = 2.0F / static_cast<float>(window.resolution);
    const float y = (static_cast<float>(tile.y) + 0.5F) * step - 1;
    for (int i = 0; i < tile.count; ++i) {
      const float* const values = tile.values + tile.offset + i;
      const float x = (static_cast<float>(tile.x + i) + 0.5F) * step - 1;
      const std::array<float, kColors> colors =
          image.sample(x + values[kFlow * kTileLength], y + values[(kFlow + 1) * kTileLength]);
      const float alpha = values[kAlpha * kTileLength];
      for (int color = 0; color < kColors; ++color) {
        const float sampled = colors[static_cast<std::size_t>(color)];
        warped[color * plane + i] = sampled;
        blended[color * plane + i] = sampled + alpha * (values[(kDirect + color) * kTileLength] - sampled);
      }
    }
  }

  std::shared_ptr<TileWorkers> workers_;
  SirenPlayer player_;
  std::mutex mutex_;
};

std::shared_ptr<StudentBodyRotator> fused_rotator(const Character& character,
                                                  std::shared_ptr<TileWorkers> workers) {
  const torch::nn::Module& network = *character.body_rotator;
  switch (character.body_rotator_kind) {
    case BodyRotatorKind::siren:
      return std::make_shared<FusedBodyRotator>(network, SirenResolution::multiple, std::move(workers));
    case BodyRotatorKind::siren_single_resolution:
      return std::make_shared<FusedBodyRotator>(network, SirenResolution::single, std::move(workers));
    case BodyRotatorKind::vanilla_siren:
      return std::make_shared<FusedVanillaBodyRotator>(network, std::move(workers));
    case BodyRotatorKind::blendshape:
      return fused_blendshape_body(*character.body_rotator, std::move(workers));
  }
  return character.body_rotator;
}

}  // namespace

std::shared_ptr<StudentFaceMorpher> fused_face_morpher(const Character& character,
                                                       std::shared_ptr<TileWorkers> workers) {
  switch (character.face_morpher_kind) {
    case FaceMorpherKind::siren:
      return std::make_shared<FusedFaceMorpher>(*character.face_morpher, std::move(workers));
    case FaceMorpherKind::blendshape:
      return fused_blendshape_face(*character.face_morpher, std::move(workers));
  }
  return character.face_morpher;
}

Character fused(const Character& character, std::shared_ptr<TileWorkers> workers) {
  Character result = character;
  result.face_morpher = fused_face_morpher(character, workers);
  result.body_rotator = fused_rotator(character, std::move(workers));
  return result;
}

std::string fused_student_target() {
  return kernel_target();
}

}  // namespace tha4
