#include "face_blend.h"

#include <algorithm>

namespace tha4 {
namespace {

/// Of a part.
constexpr int kMaxChunks = 64;

}  // namespace

FaceBlend::FaceBlend(FaceBlendProgram program) : program_(std::move(program)) {
  for (std::size_t i = 0; i < program_.regions.size(); ++i) {
    const BlendRegion& region = program_.regions[i];
    Values values;
    values.hidden.resize(static_cast<std::size_t>(region.hidden.width()) * 2);
    values.weights.resize(static_cast<std::size_t>(region.weights.outputs));
    values.sums.resize(static_cast<std::size_t>(region.basis.values));
    values_.push_back(std::move(values));
    for (int first = 0; first < region.basis.chunks(); first += kMaxChunks) {
      parts_.push_back({i, first, std::min(kMaxChunks, region.basis.chunks() - first)});
    }
  }
}

void FaceBlend::find_weights(int task, const float* pose) {
  const BlendRegion& region = program_.regions[static_cast<std::size_t>(task)];
  Values& values = values_[static_cast<std::size_t>(task)];
  draw_hidden_layers(region.hidden, pose, values.hidden.data());
  draw_layer(region.weights, values.hidden.data(), values.weights.data());
  values.step = weigh_pairs(region.basis, values.weights.data(), values.pairs);
}

void FaceBlend::sum(int task) {
  const Part& part = parts_[static_cast<std::size_t>(task)];
  Values& values = values_[part.region];
  sum_bases(program_.regions[part.region].basis, values.pairs, values.step, part.first_chunk, part.chunks,
            values.sums.data() + static_cast<std::ptrdiff_t>(part.first_chunk) * kBlendChunk);
}

int FaceBlend::channel_tasks() const {
  return FixedImage::kColors;
}

void FaceBlend::write_channel(int task, float* face) const {
  const std::ptrdiff_t area = program_.mean.numel() / FixedImage::kColors;
  float* const channel = face + task * area;
  std::copy_n(program_.mean.data_ptr<float>() + task * area, area, channel);
  for (std::size_t i = 0; i < program_.regions.size(); ++i) {
    const std::vector<int>& pixels = program_.regions[i].pixels;
    const float* const sums = values_[i].sums.data() + static_cast<std::size_t>(task) * pixels.size();
    // Regions may share pixels.
    for (std::size_t pixel = 0; pixel < pixels.size(); ++pixel) channel[pixels[pixel]] += sums[pixel];
  }
}

}  // namespace tha4
