#include "blended_loss.h"

#include <algorithm>
#include <array>

#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"
#include "tha4/image/compositing.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

/// Alpha, of [-1, 1], of a pixel in which something is drawn.
constexpr double kDrawn = -0.97;
/// Pixels around them that are looked at, so that nothing is drawn beside the character.
constexpr int kMargin = 4;

/// First and last true element of \p used [512], with a margin.
std::array<int, 2> extent_of(const at::Tensor& used) {
  const auto indices = torch::nonzero(used).view({-1});
  if (indices.size(0) == 0) return {0, kImageSize};
  return {std::max(0, indices[0].item<int>() - kMargin),
          std::min(kImageSize, indices[-1].item<int>() + 1 + kMargin)};
}

/// Where something is ever drawn, [512, 512].
at::Tensor ever_drawn(const at::Tensor& blended) {
  return blended.select(1, 3).amax(0).to(torch::kFloat32) > kDrawn;
}

Region drawn_region(const at::Tensor& drawn) {
  const auto [left, right] = extent_of(drawn.any(0));
  const auto [top, bottom] = extent_of(drawn.any(1));
  return {left, top, right - left, bottom - top};
}

std::vector<PixelSpan> drawn_spans(const at::Tensor& drawn, const Region& region) {
  const int size = 2 * kMargin + 1;
  const auto grown =
      torch::max_pool2d(drawn.to(torch::kFloat32).unsqueeze(0), size, 1, kMargin)[0].to(torch::kBool);
  const auto of_window = crop(grown.unsqueeze(0), region)[0];
  std::vector<PixelSpan> spans;
  for (int y = 0; y < region.height; ++y) {
    const auto used = torch::nonzero(of_window[y]).view({-1});
    if (used.size(0) == 0) {
      spans.emplace_back();
    } else {
      spans.push_back({used[0].item<int>(), used[-1].item<int>() + 1});
    }
  }
  return spans;
}

/// int16 [N, h, w, 4] of the region \p region of \p images [N, 4, H, W].
at::Tensor in_fixed_point(const at::Tensor& images, const Region& region) {
  const auto fixed = torch::empty({images.size(0), region.height, region.width, 4}, torch::kShort);
  for (std::int64_t i = 0; i < images.size(0); ++i) {
    const auto part = crop(images[i], region).to(torch::kFloat32).permute({1, 2, 0});
    fixed[i].copy_((part.clamp(-1, 1) * BlendedFrames::kOne).round());
  }
  return fixed;
}

}  // namespace

BlendedFrames::BlendedFrames(const TeacherFrames& frames, const at::Tensor& rest_image, c10::Device device)
    : window_{kImageSize, drawn_region(ever_drawn(frames.blended))},
      spans_(drawn_spans(ever_drawn(frames.blended), window_.region)),
      rest_image_(rest_image.to(device, torch::kFloat32).contiguous()),
      blended_(in_fixed_point(frames.blended, window_.region).to(device)),
      faces_(in_fixed_point(frames.faces, {0, 0, kFaceCrop.width, kFaceCrop.height}).to(device)) {}

at::Tensor in_floats(const at::Tensor& fixed, const at::Tensor& rows) {
  const auto chosen = fixed.index_select(0, rows).permute({0, 3, 1, 2});
  return chosen.to(torch::kFloat32) / BlendedFrames::kOne;
}

at::Tensor blended_loss_by_layers(const BodyMaps& maps, const BlendedFrames& frames,
                                  const std::vector<std::int64_t>& rows, double squared_weight) {
  const FrameWindow& window = frames.window();
  const auto chosen = torch::tensor(rows).to(frames.blended().device());
  const auto sampled = [&](const at::Tensor& map, int size) {
    return sample_map(map, sampled_cells(size, window), window).permute({0, 3, 1, 2}).contiguous();
  };
  const auto image = paste(frames.rest_image().unsqueeze(0), in_floats(frames.faces(), chosen), kFaceCrop);
  const auto appearance = sampled(maps.appearance, maps.appearance_size);
  const auto alpha = appearance.narrow(1, 0, 1).clamp(0, 1);
  const auto warped = warp(image, sampled(maps.flow, maps.flow_size), window);
  const auto error = (1 - alpha) * warped + appearance.narrow(1, 1, 4) - in_floats(frames.blended(), chosen);
  return error.abs().mean() + squared_weight * error.square().mean();
}

}  // namespace tha4
