#include "gpu_blend_networks.h"

#include <torch/types.h>

#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

constexpr int kFaceChannels = 4;

unsigned blocks_for(std::int64_t threads) {
  return static_cast<unsigned>((threads + kBlendThreads - 1) / kBlendThreads);
}

}  // namespace

GpuBlendFace::GpuBlendFace(BlendshapeFaceMorpherImpl& network, c10::Device device) : launcher_(device) {
  const FaceBlendProgram program = make_blend_program(network);
  mean_ = program.mean.to(device);
  const std::int64_t area = program.mean.numel() / kFaceChannels;
  std::vector<int> places, planes;
  for (const BlendRegion& region : program.regions) {
    const int pixels = static_cast<int>(region.pixels.size());
    sums_.add_sum(sums_.add_mlp(region.hidden), region.weights, region.basis, kFaceChannels * pixels,
                  {.place = results_});
    std::vector<int> of_region(static_cast<std::size_t>(area), -1);
    for (int i = 0; i < pixels; ++i) {
      of_region[static_cast<std::size_t>(region.pixels[static_cast<std::size_t>(i)])] = results_ + i;
    }
    places.insert(places.end(), of_region.begin(), of_region.end());
    planes.push_back(pixels);
    results_ += kFaceChannels * pixels;
    ++regions_;
  }
  sums_.move_to(device);
  places_ = torch::tensor(places, torch::kInt32).to(device);
  planes_ = torch::tensor(planes, torch::kInt32).to(device);
}

void GpuBlendFace::draw(const GpuPoses& poses, float* face, float* images) {
  const std::int64_t count = poses.size(0);
  if (!values_.defined() || values_.size(0) < count) {
    values_ = torch::empty({count, results_}, torch::TensorOptions().device(launcher_.device()));
  }
  sums_.draw(launcher_, poses, {}, values_.data_ptr<float>(), results_);
  const kernels::BlendFace arguments{.mean = mean_.data_ptr<float>(),
                                     .places = places_.data_ptr<int>(),
                                     .planes = planes_.data_ptr<int>(),
                                     .regions = regions_,
                                     .sums = values_.data_ptr<float>(),
                                     .sum_stride = results_,
                                     .size = kFaceCrop.width,
                                     .face = face,
                                     .pasted = images,
                                     .pasted_size = kImageSize,
                                     .paste_x = kFaceCrop.x,
                                     .paste_y = kFaceCrop.y};
  launcher_.launch(blocks_for(std::int64_t{kFaceCrop.width} * kFaceCrop.height), count, kBlendThreads, 0,
                   arguments);
}

GpuBlendBody::GpuBlendBody(BlendshapeBodyRotatorImpl& network, c10::Device device) : launcher_(device) {
  const TiledBlendProgram flow = make_blend_program(*network.flow, kFlowTolerance);
  const TiledBlendProgram appearance = make_blend_program(*network.appearance, kColorTolerance);
  flow_size_ = flow.size;
  appearance_size_ = appearance.size;
  add_map(flow, 0);
  add_map(appearance, static_cast<int>(flow.mean.numel()));
  std::vector<at::Tensor> means{flow.mean.flatten(), appearance.mean.flatten()};
  if (network.motion) {
    const TiledBlendProgram motion = make_blend_program(*network.motion, kFlowTolerance);
    motion_size_ = motion.size;
    add_map(motion, static_cast<int>(flow.mean.numel() + appearance.mean.numel()));
    means.push_back(motion.mean.flatten());
  }
  sums_.move_to(device);
  means_ = torch::cat(means).to(device);
}

void GpuBlendBody::add_map(const TiledBlendProgram& map, int place) {
  const int mlp = sums_.add_mlp(map.hidden), side = map.tile_size;
  for (const BlendTile& tile : map.tiles) {
    sums_.add_sum(mlp, tile.weights, tile.basis, map.channels * side * side,
                  {.place = place + tile.y * map.size + tile.x,
                   .side = side,
                   .row = map.size,
                   .plane = map.size * map.size,
                   .x = tile.x,
                   .y = tile.y});
  }
}

void GpuBlendBody::draw_maps(const GpuPoses& poses, const FrameWindow& window) {
  const std::int64_t count = poses.size(0);
  if (!maps_.defined() || maps_.size(0) < count) maps_ = means_.unsqueeze(0).repeat({count, 1});
  window_ = window;
  const auto needed = [](int size, const FrameWindow& pixels) { return sampled_cells(size, pixels).region; };
  // A motion may lead anywhere.
  const FrameWindow sampled = motion_size_ > 0 ? FrameWindow{} : window;
  std::array<Region, GpuBlendSums::kMaps> cells{needed(flow_size_, sampled),
                                                needed(appearance_size_, sampled)};
  if (motion_size_ > 0) cells[2] = needed(motion_size_, window);
  sums_.draw(launcher_, poses, cells, maps_.data_ptr<float>(), static_cast<int>(means_.numel()));
}

void GpuBlendBody::draw_pixels(const GpuPoses& poses, kernels::BodyPixels pixels) {
  const Region& region = window_.region;
  pixels.resolution = window_.resolution;
  pixels.x = region.x;
  pixels.y = region.y;
  pixels.width = region.width;
  pixels.height = region.height;
  const kernels::BlendPixels arguments{.maps = maps_.data_ptr<float>(),
                                       .map_stride = static_cast<int>(means_.numel()),
                                       .flow_size = flow_size_,
                                       .appearance_size = appearance_size_,
                                       .motion_size = motion_size_,
                                       .body = pixels};
  launcher_.launch(blocks_for(std::int64_t{region.width} * region.height), poses.size(0), kBlendThreads, 0,
                   arguments);
}

}  // namespace tha4
