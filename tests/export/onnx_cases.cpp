#include "onnx_cases.h"

#include <algorithm>
#include <cmath>

#include <torch/types.h>

#include "tha4/nn/student/blendshape_body_rotator.h"
#include "tha4/nn/student/blendshape_face_morpher.h"
#include "tha4/nn/student/siren_body_rotator.h"
#include "tha4/nn/student/siren_face_morpher.h"
#include "tha4/pose/pose.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

/// Multiplies the parameters whose names hold \p part.
void scale_parameters(torch::nn::Module& network, const std::string& part, double factor) {
  const torch::NoGradGuard no_grad;
  for (auto& parameter : network.named_parameters()) {
    if (parameter.key().find(part) != std::string::npos) parameter.value().mul_(factor);
  }
}

template <class Network>
std::shared_ptr<StudentBodyRotator> calm_siren(Network network) {
  scale_parameters(*network, "last_linear", 0.02);
  return network.ptr();
}

void fill_blend_weights(BlendWeights& weights, double scale) {
  weights->input_scale.uniform_(0.5, 1);
  weights->output_scale.fill_(scale);
}

/// Every other tile of a map has a basis.
TiledBlendshapeOptions tiled(int channels, int size, int tile_size) {
  const int across = size / tile_size;
  return {.channels = channels,
          .tiles = across * across / 2,
          .basis_size = 3,
          .size = size,
          .tile_size = tile_size,
          .width = 12,
          .hidden_layers = 2};
}

void fill_map(TiledBlendshape& map, double size) {
  map->tiles.copy_(torch::arange(map->options().tiles) * 2 + 1);
  map->mean.normal_(0, size);
  map->basis.normal_(0, size);
  fill_blend_weights(map->weights, 2);
}

std::shared_ptr<StudentBodyRotator> blendshape_body_of_noise() {
  const torch::NoGradGuard no_grad;
  BlendshapeBodyRotator body(BlendshapeBodyOptions{tiled(2, 128, 32), tiled(5, 64, 8)});
  fill_map(body->flow, 0.005);
  fill_map(body->appearance, 0.3);
  return body.ptr();
}

/// \param step  between neighbouring cells of the flow
std::shared_ptr<StudentBodyRotator> moving_body_of_noise(double step) {
  const torch::NoGradGuard no_grad;
  TiledBlendshapeOptions motion = tiled(2, 8, 8);
  motion.tiles = 1;
  BlendshapeBodyRotator body(BlendshapeBodyOptions{tiled(2, 128, 32), tiled(5, 64, 8), motion});
  fill_map(body->flow, step);
  fill_map(body->appearance, 0.3);
  fill_map(body->motion, 0.03);
  body->motion->tiles.zero_();
  return body.ptr();
}

/// Its second region overlaps the first one and has a pixel twice.
std::shared_ptr<StudentFaceMorpher> blendshape_face_of_noise() {
  const torch::NoGradGuard no_grad;
  BlendshapeFaceMorpher face(std::vector<BlendshapeRegionOptions>{
      {.pixels = 900, .basis_size = 5, .width = 12, .hidden_layers = 2},
      {.pixels = 700, .basis_size = 3, .width = 12, .hidden_layers = 0}});
  face->mean.normal_(0, 0.1);
  for (std::size_t i = 0; i < face->region_count(); ++i) {
    BlendshapeRegion region = face->region(i);
    region->pixels.add_(static_cast<std::int64_t>(i) * 500 + 3000);
    region->basis.normal_(0, 0.1);
    fill_blend_weights(region->weights, 0.7);
  }
  face->region(1)->pixels[5] = face->region(1)->pixels[4];
  return face.ptr();
}

EncoderDecoderOptions small_encoder_decoder() {
  return {.level_channels = {8, 12, 16, 16}, .bottleneck_blocks = 2};
}

/// \param levels  so many that attention, on the last one, sees 16 by 16 places
UNetOptions small_unet(std::size_t levels, std::int64_t fold = 1) {
  UNetOptions options;
  options.model_channels = 16;
  options.levels.assign(levels, UNetLevel{16});
  options.levels.back().attention = true;
  options.middle_blocks = 2;
  options.condition_channels = 12;
  options.fold = fold;
  return options;
}

/// Random layers blow rounding differences up. What is warped and drawn shall differ from pixel to pixel by
/// little, or these differences are seen.
void calm_down(torch::nn::Module& network) {
  scale_parameters(network, "grid_change", 0.005);
  scale_parameters(network, "color", 0.1);
  scale_parameters(network, "direct_creator", 0.1);
  scale_parameters(network, "alpha", 0.2);
  scale_parameters(network, "last.2", 0.05);
  for (auto& parameter : network.named_parameters()) {
    if (!parameter.key().ends_with("last.2.weight")) continue;
    const std::int64_t places = parameter.value().size(0) / kRotatorChannels;
    parameter.value().narrow(0, 4 * places, 2 * places).mul_(0.1);  // the flow
  }
}

TeacherFaceNetworks small_face_networks() {
  const EncoderDecoderOptions options = small_encoder_decoder();
  return {.eyebrow_decomposer = EyebrowDecomposer(options),
          .eyebrow_morphing_combiner = EyebrowMorphingCombiner(options),
          .face_morpher = TeacherFaceMorpher(options)};
}

Teacher new_teacher(Architecture architecture) {
  if (architecture == Architecture::compact) {
    return {architecture, UNetFaceMorpher(small_unet(4)),
            CompactBodyNetworks{.half_resolution_rotator = HalfResolutionRotator(small_unet(4, 2)),
                                .editor = ResidualEditor(small_unet(4, 2))}};
  }
  if (architecture == Architecture::tha3) {
    return {architecture, small_face_networks(),
            Tha3BodyNetworks{.half_resolution_rotator = Tha3Rotator(small_encoder_decoder()),
                             .editor = Tha3Editor(small_encoder_decoder())}};
  }
  return {architecture, small_face_networks(),
          BodyNetworks{.half_resolution_rotator = HalfResolutionRotator(small_unet(5)),
                       .editor = Editor(small_unet(6))}};
}

/// Squares of two pixels, opaque white and transparent.
RgbaImage checkered_picture() {
  RgbaImage image(kImageSize, kImageSize);
  for (int y = 0; y < kImageSize; ++y) {
    for (int x = 0; x < kImageSize; ++x) {
      if ((x / 2 + y / 2) % 2 != 0) continue;
      for (int channel = 0; channel < 4; ++channel) {
        image.pixels[static_cast<std::size_t>((y * kImageSize + x) * 4 + channel)] = 255;
      }
    }
  }
  return image;
}

}  // namespace

RgbaImage soft_picture() {
  RgbaImage image(kImageSize, kImageSize);
  for (int y = 0; y < kImageSize; ++y) {
    for (int x = 0; x < kImageSize; ++x) {
      const double distance = std::hypot(x - 256.0, y - 240.0);
      for (int channel = 0; channel < 4; ++channel) {
        const double wave = 140 + 60 * std::sin(x / (20.0 + 9 * channel) + y / 31.0);
        const double alpha = 255 * std::clamp(2 - distance / 128, 0.0, 1.0);
        image.pixels[static_cast<std::size_t>((y * kImageSize + x) * 4 + channel)] =
            static_cast<std::uint8_t>(channel == 3 ? alpha : wave);
      }
    }
  }
  return image;
}

std::shared_ptr<StudentFaceMorpher> small_face(FaceMorpherKind kind) {
  if (kind == FaceMorpherKind::blendshape) return blendshape_face_of_noise();
  SirenFaceMorpher face(SirenOptions{.width = 12, .sine_layers = 3});
  scale_parameters(*face, "last_linear", 0.3);
  return face.ptr();
}

std::shared_ptr<StudentBodyRotator> small_body(BodyRotatorKind kind) {
  switch (kind) {
    case BodyRotatorKind::blendshape:
      return blendshape_body_of_noise();
    case BodyRotatorKind::siren:
      return calm_siren(SirenBodyRotator(
          SirenBodyRotatorOptions{.levels = {{128, 16}, {256, 12}, {512, 8}}, .sine_layers = 2}));
    case BodyRotatorKind::siren_single_resolution:
      return calm_siren(
          SirenBodyRotator(SirenBodyRotatorOptions{.levels = {{512, 10}, {512, 8}}, .sine_layers = 2}));
    case BodyRotatorKind::vanilla_siren:
      break;
  }
  return calm_siren(
      VanillaSirenBodyRotator(SirenOptions{.pose_size = kPoseSize, .width = 10, .sine_layers = 3}));
}

Character moving_character() {
  Character character = small_character(FaceMorpherKind::siren, BodyRotatorKind::blendshape);
  character.body_rotator = moving_body_of_noise(0.005);
  return character;
}

Character hard_edged_character() {
  Character character = small_character(FaceMorpherKind::blendshape, BodyRotatorKind::blendshape);
  character.image = checkered_picture();
  character.body_rotator = moving_body_of_noise(0.02);
  return character;
}

Character hard_edged_siren_character() {
  Character character = small_character(FaceMorpherKind::siren, BodyRotatorKind::siren);
  character.image = checkered_picture();
  SirenBodyRotator body(
      SirenBodyRotatorOptions{.levels = {{128, 48}, {256, 24}, {512, 16}}, .sine_layers = 3});
  scale_parameters(*body, "siren_layers.0", 3);
  scale_parameters(*body, "last_linear", 0.06);
  character.body_rotator = body.ptr();
  return character;
}

Character small_character(FaceMorpherKind face, BodyRotatorKind body) {
  Character character;
  character.image = soft_picture();
  character.face_morpher_kind = face;
  character.body_rotator_kind = body;
  character.face_morpher = small_face(face);
  character.body_rotator = small_body(body);
  return character;
}

Teacher small_teacher(Architecture architecture) {
  const torch::NoGradGuard no_grad;
  Teacher teacher = new_teacher(architecture);
  for (const NamedNetwork& named : teacher.networks()) {
    for (auto& parameter : named.network->parameters()) parameter.add_(torch::randn_like(parameter) * 0.05);
    calm_down(*named.network);
  }
  return teacher;
}

void write_teacher_files(const Teacher& teacher, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  for (const NamedNetwork& named : teacher.networks()) {
    write_weights(folder / (named.name + ".safetensors"), state_dict_of(*named.network));
  }
}

}  // namespace tha4
