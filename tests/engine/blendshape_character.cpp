#include "blendshape_character.h"

#include <cmath>

#include <torch/types.h>

#include "tha4/nn/student/blendshape_face_morpher.h"

namespace tha4 {
namespace {

/// A disc of stripes on nothing.
RgbaImage striped_disc() {
  RgbaImage image(kImageSize, kImageSize);
  for (int y = 0; y < kImageSize; ++y) {
    for (int x = 0; x < kImageSize; ++x) {
      if ((x - 256) * (x - 256) + (y - 230) * (y - 230) > 180 * 180) continue;
      for (int color = 0; color < 3; ++color) {
        image.pixels[static_cast<std::size_t>((y * kImageSize + x) * 4 + color)] =
            static_cast<std::uint8_t>(120 + 100 * ((x / (3 + color) + y / 7) % 2));
      }
      image.pixels[static_cast<std::size_t>((y * kImageSize + x) * 4 + 3)] = 255;
    }
  }
  return image;
}

/// A basis as principal components are: of length 1, smooth, the later ones finer.
/// \param rows  [..., values]
void fill_basis(const at::Tensor& rows) {
  const std::int64_t values = rows.size(-1);
  at::Tensor flat = rows.view({-1, values});
  for (std::int64_t i = 0; i < flat.size(0); ++i) {
    const at::Tensor wave = torch::sin(torch::arange(values) * (0.01 * static_cast<double>(i % 7 + 1)) + i);
    const at::Tensor row = wave + 0.3 * torch::randn({values});
    flat[i].copy_(row / row.norm().clamp_min(1e-6));
  }
}

/// \param largest  of what a map moves or adds, about
void fill_map(TiledBlendshape& map, int every, double mean, double largest) {
  map->tiles.copy_(torch::arange(map->options().tiles) * every);
  map->mean.normal_(0, 1).mul_(mean);
  fill_basis(map->basis);
  const double length = std::sqrt(static_cast<double>(map->basis.size(2)));
  map->weights->output_scale.fill_(largest * length /
                                   std::sqrt(static_cast<double>(map->options().basis_size)));
}

}  // namespace

TiledBlendshapeOptions map_of(int channels, int size, int tile_size, int basis_size, int every) {
  const int across = size / tile_size;
  return {.channels = channels,
          .tiles = (across * across + every - 1) / every,
          .basis_size = basis_size,
          .size = size,
          .tile_size = tile_size,
          .width = 40,
          .hidden_layers = 3};
}

std::shared_ptr<StudentBodyRotator> random_body(const TiledBlendshapeOptions& flow,
                                                const TiledBlendshapeOptions& appearance, int every,
                                                const std::optional<TiledBlendshapeOptions>& motion) {
  const torch::NoGradGuard no_grad;
  BlendshapeBodyRotator body(BlendshapeBodyOptions{flow, appearance, motion});
  fill_map(body->flow, every, 1e-3, 0.05);
  fill_map(body->appearance, every, 0, 0.3);
  if (body->motion) fill_map(body->motion, 1, 1e-2, 0.1);
  return body.ptr();
}

std::shared_ptr<StudentFaceMorpher> random_face(const std::vector<std::pair<int, int>>& sizes) {
  const torch::NoGradGuard no_grad;
  std::vector<BlendshapeRegionOptions> options;
  for (const auto& [pixels, basis] : sizes) {
    options.push_back({.pixels = pixels, .basis_size = basis, .width = 31, .hidden_layers = 2});
  }
  BlendshapeFaceMorpher face(options);
  face->mean.uniform_(-0.5, 0.5);
  std::int64_t first = 0;
  for (std::size_t i = 0; i < face->region_count(); ++i) {
    BlendshapeRegion region = face->region(i);
    region->pixels.add_(first);
    first += region->pixels.size(0) / 2;  // so that regions overlap
    fill_basis(region->basis);
    region->weights->output_scale.fill_(0.5 * std::sqrt(static_cast<double>(region->basis.size(1))));
  }
  return face.ptr();
}

Character blendshape_character(std::uint64_t seed) {
  torch::manual_seed(seed);
  Character character;
  character.image = striped_disc();
  character.face_morpher_kind = FaceMorpherKind::blendshape;
  character.body_rotator_kind = BodyRotatorKind::blendshape;
  character.face_morpher = random_face({{1800, 20}, {700, 9}, {4000, 3}});
  character.body_rotator = random_body(map_of(2, 256, 32, 12, 2), map_of(5, 256, 32, 7, 3), 2);
  return character;
}

Character moving_character(std::uint64_t seed) {
  Character character = blendshape_character(seed);
  character.body_rotator =
      random_body(map_of(2, 256, 32, 12, 2), map_of(5, 512, 64, 7, 3), 2, map_of(2, 16, 16, 5, 1));
  return character;
}

}  // namespace tha4
