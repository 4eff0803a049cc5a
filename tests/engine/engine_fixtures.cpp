#include "engine/engine_fixtures.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include <torch/types.h>

#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"

namespace tha4 {
namespace {

const SirenBodyRotatorOptions kSmall{.levels = {{128, 12}, {256, 10}, {512, 8}}};

}  // namespace

at::Tensor some_poses(int count, PoseDistribution kind) {
  return to_tensor(sample_poses(kind, count, 11));
}

double decibels(const at::Tensor& result, const at::Tensor& expected) {
  const at::Tensor error = (result - expected).to(torch::kDouble).square().mean();
  return 10 * std::log10((expected.to(torch::kDouble).var() / error).item<double>());
}

std::shared_ptr<TileWorkers> two_workers() {
  return std::make_shared<TileWorkers>(2);
}

RgbaImage disc() {
  RgbaImage image(kImageSize, kImageSize);
  for (int y = 0; y < kImageSize; ++y) {
    for (int x = 0; x < kImageSize; ++x) {
      const int distance = (x - kDiscCentre) * (x - kDiscCentre) + (y - kDiscCentre) * (y - kDiscCentre);
      if (distance > kDiscRadius * kDiscRadius) continue;
      std::uint8_t* const pixel = image.pixels.data() + (static_cast<std::size_t>(y) * kImageSize + x) * 4;
      std::fill_n(pixel, 4, std::uint8_t{255});
    }
  }
  return image;
}

Character small_character(const RgbaImage& image, double fraction) {
  torch::manual_seed(5);
  Character character;
  character.image = image;
  character.face_morpher = SirenFaceMorpher(SirenOptions{.width = 8, .sine_layers = 2}).ptr();
  SirenBodyRotator rotator(kSmall);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : rotator->named_parameters()) {
    if (parameter.key().find("last_linear") != std::string::npos) parameter.value().mul_(fraction);
  }
  character.body_rotator = rotator.ptr();
  return character;
}

EmptyCells scattered_cells() {
  std::mt19937 random(3);
  EmptyCells cells;
  for (int row = 0; row < EmptyCells::kAcross; ++row) {
    for (int column = 0; column < EmptyCells::kAcross; ++column) {
      cells.set_empty(column, row, random() % 3 != 0 || row % 9 == 0);
    }
  }
  return cells;
}

}  // namespace tha4
