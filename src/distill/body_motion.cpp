#include "body_motion.h"

#include <algorithm>
#include <vector>

#include <torch/types.h>

#include "tha4/distill/teacher_frames.h"
#include "tha4/image/compositing.h"
#include "tha4/image/region.h"
#include "tha4/nn/blocks/appearance_flow.h"
#include "tha4/nn/blocks/frame_sampling.h"

namespace tha4 {
namespace {

/// Weight of the squared difference of two neighbouring cells, where that of a cell's error is 1 if all of it
/// shows the rest image.
constexpr double kSmoothness = 0.02;
/// Of a cell's square, so that what no frame shows has a motion, too.
constexpr double kRidge = 1e-5;
/// Cells to either side of a motion's cell at which it is compared with the flow.
constexpr int kSamplesOfCell = 2;
/// Steps by which the place is found that a motion leads away from. What a step leaves is the last one's,
/// times the motion's slope, which is far below 1.
constexpr int kInversionSteps = 6;
/// Places across a motion's cell for which it is found.
constexpr std::int64_t kPlacesOfCell = 6;
/// An odd number of pixels.
constexpr int kLine = 5;

/// The mean of the pixels of each cell of a map of \p size cells, by which \p map [1, C, S, S] can be
/// divided; or of any size, which takes longer.
at::Tensor pooled(const at::Tensor& map, std::int64_t size) {
  const std::int64_t from = map.size(2);
  if (from == size) return map;
  return from % size == 0 ? torch::avg_pool2d(map, from / size)
                          : torch::adaptive_avg_pool2d(map, {size, size});
}

/// How much of each pixel of frame \p index is drawn, [1, 1, 512, 512].
at::Tensor drawn_alpha(const TeacherFrames& frames, std::int64_t index) {
  return frames.blended[index].narrow(0, 3, 1).to(torch::kFloat32).unsqueeze(0) * 0.5 + 0.5;
}

/// How much of each cell shows the rest image, [1, 1, cells, cells].
at::Tensor shown_fraction(const TeacherFrames& frames, std::int64_t index, std::int64_t cells) {
  const auto direct = frames.appearance[index].narrow(0, 0, 1).to(torch::kFloat32).unsqueeze(0);
  return pooled(drawn_alpha(frames, index), cells) * (1 - pooled(direct, cells).clamp(0, 1));
}

/// Of each pair of neighbours of a map of \p size by \p size cells, the square of their difference:
/// [size², size²].
at::Tensor squared_differences(std::int64_t size) {
  const auto cells = torch::eye(size * size, torch::kFloat64).view({size * size, size, size});
  const auto across = (cells.narrow(2, 1, size - 1) - cells.narrow(2, 0, size - 1)).flatten(1);
  const auto down = (cells.narrow(1, 1, size - 1) - cells.narrow(1, 0, size - 1)).flatten(1);
  return across.matmul(across.t()) + down.matmul(down.t());
}

/// From each place of a map of \p size cells to the one that \p motion leads here from: [1, 2, size, size].
at::Tensor way_back(const at::Tensor& motion, std::int64_t size) {
  // Motions are smooth: this is found for fewer places.
  const auto found = std::min(size, motion.size(2) * kPlacesOfCell);
  const FrameWindow whole = FrameWindow::whole(static_cast<int>(found));
  auto back = torch::zeros({1, 2, found, found});
  for (int step = 0; step < kInversionSteps; ++step) back = -warp(motion, back, whole);
  return interpolate(back, size);
}

/// \p alpha without what is thinner than kLine pixels: teachers draw a line along contours.
at::Tensor without_lines(const at::Tensor& alpha) {
  const auto grown = [](const at::Tensor& map) {
    return torch::max_pool2d(torch::max_pool2d(map, {1, kLine}, 1, {0, kLine / 2}), {kLine, 1}, 1,
                             {kLine / 2, 0});
  };
  return torch::minimum(alpha, grown(-grown(-alpha)));
}

}  // namespace

at::Tensor fit_motions(const TeacherFrames& frames, int size) {
  const std::int64_t samples = std::int64_t{size} * kSamplesOfCell, cells = std::int64_t{size} * size;
  // What each cell gives to each sample.
  const auto given =
      interpolate(torch::eye(cells, torch::kFloat64).view({cells, 1, size, size}), samples).flatten(1);
  const auto smooth = kSmoothness * squared_differences(size) + kRidge * torch::eye(cells, torch::kFloat64);
  std::vector<at::Tensor> motions;
  for (std::int64_t i = 0; i < frames.flow.size(0); ++i) {
    const std::int64_t fine = frames.flow.size(2);
    const auto weight = shown_fraction(frames, i, fine);
    const auto at_samples = [&](const at::Tensor& map) {
      return pooled(map, samples).flatten(2)[0].to(torch::kFloat64) / (kSamplesOfCell * kSamplesOfCell);
    };
    const auto of_sample = at_samples(weight);
    const auto weighted = at_samples(weight * frames.flow[i].unsqueeze(0));
    const auto matrix = (given * of_sample).matmul(given.t()) + smooth;
    const auto right = given.matmul(weighted.t());
    const auto solved = torch::cholesky_solve(right, torch::linalg_cholesky(matrix));
    motions.push_back(solved.t().reshape({2, size, size}).to(torch::kFloat32));
  }
  return torch::stack(motions);
}

at::Tensor attach_flow(TeacherFrames& frames, const at::Tensor& motions) {
  const std::int64_t size = frames.flow.size(2);
  const FrameWindow whole = FrameWindow::whole(static_cast<int>(size));
  at::Tensor cover;
  for (std::int64_t i = 0; i < motions.size(0); ++i) {
    const auto back = way_back(motions[i].unsqueeze(0), size);
    frames.flow[i].copy_((warp(frames.flow[i].unsqueeze(0), back, whole) + back)[0]);
    const auto alpha = warp(pooled(drawn_alpha(frames, i), size), back, whole)[0];
    cover = i == 0 ? alpha : torch::maximum(cover, alpha);
  }
  return cover;
}

void attach_appearance(TeacherFrames& frames, const at::Tensor& motions) {
  const std::int64_t size = frames.appearance.size(2);
  const FrameWindow whole = FrameWindow::whole(static_cast<int>(size));
  for (std::int64_t i = 0; i < motions.size(0); ++i) {
    const auto back = way_back(motions[i].unsqueeze(0), size);
    frames.appearance[i].copy_(warp(frames.appearance[i].unsqueeze(0).to(torch::kFloat32), back, whole)[0]);
  }
}

void keep_what_warping_leaves(TeacherFrames& frames, const at::Tensor& rest_image, const at::Tensor& motions,
                              const std::function<at::Tensor(std::int64_t)>& flow) {
  const std::int64_t size = frames.appearance.size(2);
  const FrameWindow pixels;
  for (std::int64_t i = 0; i < motions.size(0); ++i) {
    const auto image =
        paste(rest_image.cpu().unsqueeze(0), frames.faces[i].unsqueeze(0).to(torch::kFloat32), kFaceCrop);
    const auto motion = interpolate(motions[i].unsqueeze(0), kImageSize);
    const auto warped = warp(image, motion + warp(flow(i), motion, pixels), pixels);
    const auto alpha = without_lines(
        interpolate(frames.appearance[i].narrow(0, 0, 1).unsqueeze(0).to(torch::kFloat32), kImageSize));
    const auto drawn = frames.blended[i].unsqueeze(0).to(torch::kFloat32) - (1 - alpha) * warped;
    frames.appearance[i].copy_(pooled(torch::cat({alpha, drawn}, 1), size)[0]);
  }
}

}  // namespace tha4
