#include "gpu_siren_networks.h"

#include <algorithm>

#include "siren_matrices.h"
#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"
#include "tha4/weights/state_dict.h"

namespace tha4 {
namespace {

std::vector<SirenMatrices> face_matrices(const Character& character) {
  return siren_matrices(state_dict_of(*character.face_morpher), kFaceCrop.width);
}

std::vector<SirenMatrices> body_matrices(const Character& character) {
  const StateDict state = state_dict_of(*character.body_rotator);
  switch (character.body_rotator_kind) {
    case BodyRotatorKind::vanilla_siren:
      return siren_matrices(state, 0);
    case BodyRotatorKind::siren_single_resolution:
      return siren_matrices(state, SirenResolution::single);
    default:
      return siren_matrices(state, SirenResolution::multiple);
  }
}

/// What the last level of a body rotator gives.
SirenOutput body_output(const Character& character) {
  return character.body_rotator_kind == BodyRotatorKind::vanilla_siren ? SirenOutput::frame
                                                                       : SirenOutput::body;
}

/// What the last of a network's levels gives, and what those before it do.
SirenOutput output_of(const std::vector<SirenMatrices>& levels, const SirenMatrices& level,
                      SirenOutput last) {
  return &level == &levels.back() ? last : SirenOutput::map;
}

bool fits(const std::vector<SirenMatrices>& levels, SirenOutput last, const CudaLimits& limits) {
  return std::all_of(levels.begin(), levels.end(), [&](const SirenMatrices& level) {
    return lay_out_level(level, output_of(levels, level, last), &level != &levels.front(), limits.capability,
                         limits.shared_bytes)
        .has_value();
  });
}

/// Arguments of a level that draws \p region of a grid of \p resolution pixels a side.
kernels::SirenLevel drawing(const GpuPoses& poses, int resolution, const Region& region) {
  kernels::SirenLevel level{};
  if (poses.is_cpu()) {
    std::copy_n(poses.data_ptr<float>(), poses.numel(), level.pose);
  } else {
    level.poses = poses.data_ptr<float>();
    level.pose_stride = static_cast<int>(poses.size(1));
  }
  level.resolution = resolution;
  level.x = region.x;
  level.y = region.y;
  level.width = region.width;
  level.height = region.height;
  return level;
}

}  // namespace

bool siren_face_fits(const Character& character, const CudaLimits& limits) {
  return fits(face_matrices(character), SirenOutput::colors, limits);
}

bool siren_body_fits(const Character& character, const CudaLimits& limits) {
  return fits(body_matrices(character), body_output(character), limits);
}

GpuSirenFace::GpuSirenFace(const Character& character, c10::Device device)
    : level_(face_matrices(character).front(), SirenOutput::colors, false, device) {}

void GpuSirenFace::draw(const GpuPoses& poses, float* face, float* images) {
  kernels::SirenLevel level = drawing(poses, kFaceCrop.width, {0, 0, kFaceCrop.width, kFaceCrop.height});
  level.colors = face;
  level.pasted = images;
  level.pasted_size = kImageSize;
  level.paste_x = kFaceCrop.x;
  level.paste_y = kFaceCrop.y;
  level_.draw(level, static_cast<int>(poses.size(0)));
}

GpuSirenBody::GpuSirenBody(const Character& character, c10::Device device) : device_(device) {
  const std::vector<SirenMatrices> levels = body_matrices(character);
  for (const SirenMatrices& level : levels) {
    levels_.emplace_back(level, output_of(levels, level, body_output(character)), !levels_.empty(), device);
  }
  maps_.resize(levels_.size() - 1);
}

void GpuSirenBody::draw_maps(const GpuPoses& poses, const FrameWindow& window) {
  last_ = level_on_maps(levels_.size() - 1, poses, window);
}

/// The level \p index with the map before it, drawn where it is needed.
kernels::SirenLevel GpuSirenBody::level_on_maps(std::size_t index, const GpuPoses& poses,
                                                const FrameWindow& window) {
  kernels::SirenLevel level = drawing(poses, window.resolution, window.region);
  if (index == 0) return level;
  level.map = draw_map(index - 1, poses, window);
  level.map_size = levels_[index - 1].size();
  level.map_stride = levels_[index - 1].result_stride();
  return level;
}

/// Draws the map of level \p index for what \p window of the next level samples.
const float* GpuSirenBody::draw_map(std::size_t index, const GpuPoses& poses, const FrameWindow& window) {
  const GpuSirenLevel& level = levels_[index];
  kernels::SirenLevel arguments = level_on_maps(index, poses, sampled_cells(level.size(), window));
  at::Tensor& map = maps_[index];
  if (!map.defined() || map.size(0) < poses.size(0)) {
    map = torch::empty({poses.size(0), level.size(), level.size(), level.result_stride()},
                       torch::TensorOptions().device(device_));
  }
  arguments.results = map.data_ptr<float>();
  level.draw(arguments, static_cast<int>(poses.size(0)));
  return arguments.results;
}

void GpuSirenBody::draw_pixels(const GpuPoses& poses, kernels::BodyPixels pixels) {
  kernels::SirenLevel level = last_;
  pixels.resolution = level.resolution;
  pixels.x = level.x;
  pixels.y = level.y;
  pixels.width = level.width;
  pixels.height = level.height;
  level.body = pixels;
  levels_.back().draw(level, static_cast<int>(poses.size(0)));
}

}  // namespace tha4
