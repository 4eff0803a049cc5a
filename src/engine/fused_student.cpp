#include "tha4/engine/fused_student.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "body_pixels.h"
#include "fused_blendshape.h"
#include "siren_player.h"
#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/pose/pose.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

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
    player.draw(batch[i].data_ptr<float>(), window,
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

  RotatorOutput rotate(const at::Tensor& image, const at::Tensor& poses, const FrameWindow& window) override {
    const std::lock_guard lock(mutex_);
    RotatorOutput body;
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

/// Fills a run of pixels of planes [C, h, w].
void fill(const at::Tensor& planes, const Region& region, const TileResults& tile, float value) {
  const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(region.width) * region.height;
  float* const place = place_in(planes, region, tile);
  for (std::int64_t i = 0; i < planes.size(0); ++i) std::fill_n(place + i * plane, tile.count, value);
}

class FusedBodyRotator final : public StudentBodyRotator {
 public:
  FusedBodyRotator(const torch::nn::Module& network, SirenResolution resolution,
                   std::shared_ptr<TileWorkers> workers, const EmptyCells& empty)
      : workers_(std::move(workers)), player_(body_program(network, resolution), *workers_, empty) {}

  RotatorOutput rotate(const at::Tensor& image, const at::Tensor& poses, const FrameWindow& window) override {
    const std::lock_guard lock(mutex_);
    const at::Tensor batch = cpu_poses(poses);
    const std::int64_t count = batch.size(0);
    const auto planes = [&](int channels) {
      return torch::empty({count, channels, window.region.height, window.region.width});
    };
    RotatorOutput body{planes(kColors), planes(kColors), planes(kColors), planes(1), planes(2)};
    for (std::int64_t i = 0; i < count; ++i) {
      const PixelImage pixels(image[image.size(0) == 1 ? 0 : i]);
      const RotatorOutput one{body.blended[i], body.warped[i], body.direct[i], body.alpha[i], body.flow[i]};
      player_.draw(batch[i].data_ptr<float>(), window, [&](const TileResults& tile) {
        tile.values == nullptr ? write_empty(tile, window, one) : write_tile(tile, pixels, window, one);
      });
    }
    return body;
  }

 private:
  static void write_tile(const TileResults& tile, const PixelImage& image, const FrameWindow& window,
                         const RotatorOutput& body) {
    const Region& region = window.region;
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(region.width) * region.height;
    copy_outputs(tile, kFlowOutput, 2, body.flow, region);
    copy_outputs(tile, kAlphaOutput, 1, body.alpha, region);
    copy_outputs(tile, kDirectOutput, kColors, body.direct, region);
    float* const warped = place_in(body.warped, region, tile);
    float* const blended = place_in(body.blended, region, tile);
    const float y = pixel_centre(tile.y, window.resolution);
    for (int i = 0; i < tile.count; ++i) {
      const BodyPixel pixel =
          body_pixel(tile.values + tile.offset + i, pixel_centre(tile.x + i, window.resolution), y, image);
      for (int color = 0; color < kColors; ++color) {
        warped[color * plane + i] = pixel.warped[static_cast<std::size_t>(color)];
        blended[color * plane + i] = pixel.blended[static_cast<std::size_t>(color)];
      }
    }
  }

  /// Transparent, as if nothing was drawn and nothing had moved.
  static void write_empty(const TileResults& tile, const FrameWindow& window, const RotatorOutput& body) {
    constexpr float kTransparent = -1;
    for (const at::Tensor& planes : {body.blended, body.warped, body.direct}) {
      fill(planes, window.region, tile, kTransparent);
    }
    for (const at::Tensor& planes : {body.alpha, body.flow}) fill(planes, window.region, tile, 0);
  }

  std::shared_ptr<TileWorkers> workers_;
  SirenPlayer player_;
  std::mutex mutex_;
};

std::shared_ptr<StudentBodyRotator> fused_rotator(const Character& character,
                                                  std::shared_ptr<TileWorkers> workers,
                                                  const EmptyCells& empty) {
  const torch::nn::Module& network = *character.body_rotator;
  switch (character.body_rotator_kind) {
    case BodyRotatorKind::siren:
    case BodyRotatorKind::siren_single_resolution:
      return std::make_shared<FusedBodyRotator>(network, resolution_of(character.body_rotator_kind),
                                                std::move(workers), empty);
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

Character fused(const Character& character, std::shared_ptr<TileWorkers> workers, const EmptyCells& empty) {
  Character result = character;
  result.face_morpher = fused_face_morpher(character, workers);
  result.body_rotator = fused_rotator(character, std::move(workers), empty);
  return result;
}

std::string fused_student_target() {
  return kernel_target();
}

}  // namespace tha4
