#include "rig_picture.h"

#include <spdlog/fmt/fmt.h>
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/compositing.h"

namespace tha4 {
namespace {

/// Pixels a side of the parts that are compared by their means.
constexpr int kBlock = 8;

/// The most that the mean of a block may differ by, of a whole of 1. Edges that are smoothed otherwise stay
/// far below.
constexpr double kMaxDifference = 0.1;

/// Means of blocks of the colours as seen on white, in sRGB, and of alpha: [4, H / 8, W / 8] in [0, 1].
at::Tensor block_means(const RgbaImage& picture) {
  RgbaImage seen = lay_over(picture, SrgbColor{});
  for (std::size_t alpha = 3; alpha < seen.pixels.size(); alpha += 4)
    seen.pixels[alpha] = picture.pixels[alpha];
  const at::Tensor bytes = torch::from_blob(seen.pixels.data(), {seen.height, seen.width, 4}, torch::kUInt8);
  const at::Tensor channels = bytes.permute({2, 0, 1}).unsqueeze(0).to(torch::kFloat) / 255;
  return torch::avg_pool2d(channels, kBlock).squeeze(0);
}

}  // namespace

void check_picture_of_rig(const RgbaImage& picture, const std::string& file, const RgbaImage& drawn,
                          const std::string& rig) {
  const at::Tensor difference = (block_means(picture) - block_means(drawn)).abs().amax(0);
  if (difference.max().item<double>() <= kMaxDifference) return;
  const auto worst = difference.argmax().item<std::int64_t>();
  const auto columns = difference.size(1);
  throw InputError(fmt::format(
      "{} is not the picture of the rig {}: they differ at ({}, {}), for one; leave the picture out to have "
      "the rig as it is, or let a teacher's networks pose the picture",
      file, rig, worst % columns * kBlock + kBlock / 2, worst / columns * kBlock + kBlock / 2));
}

}  // namespace tha4
