#include "tha4/data/packed_triples.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "motion_view.h"
#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/pose/pose.h"

namespace tha4 {
namespace {

void copy_picture(const RgbaImage& image, const at::Tensor& target, const Triple& triple) {
  if (image.width != kImageSize || image.height != kImageSize) {
    throw Error("the sample " + triple.key + " has a picture that is not 512x512");
  }
  std::memcpy(target.data_ptr(), image.pixels.data(), image.pixels.size());
}

/// Image tensors [N, 4, S, S] as files hold them, on their device; see to_rgba_image().
at::Tensor to_bytes(const at::Tensor& images) {
  const at::Tensor values = images * 0.5 + 0.5;
  const at::Tensor alpha = values.narrow(1, 3, 1).clamp(0, 1);
  constexpr double kMinAlpha = 0.5 / 255;
  const at::Tensor colors = linear_to_srgb(values.narrow(1, 0, 3) / alpha.clamp_min(kMinAlpha));
  return (torch::cat({colors * (alpha >= kMinAlpha), alpha}, 1) * 255 + 0.5)
      .to(torch::kUInt8)
      .permute({0, 2, 3, 1});
}

void copy_motion(const PictureMotion& motion, const PackedMotion& target, std::int64_t place) {
  std::memcpy(target.flow[place].data_ptr(), motion.flow.data(), motion.flow.size() * sizeof(c10::Half));
  std::memcpy(target.surface[place].data_ptr(), motion.surface.data(), motion.surface.size());
}

PackedMotion pack_motion(std::span<const Triple> triples) {
  if (triples.empty() || triples.front().motion.empty()) return {};
  const auto count = std::ssize(triples);
  const PackedMotion packed{.flow = torch::empty({count, kImageSize, kImageSize, 2}, torch::kHalf),
                            .surface = torch::empty({count, kImageSize, kImageSize}, torch::kUInt8)};
  for (std::int64_t i = 0; i < count; ++i) {
    const Triple& triple = triples[static_cast<std::size_t>(i)];
    if (std::cmp_not_equal(triple.motion.surface.size(), kImageSize * kImageSize)) {
      throw Error("the sample " + triple.key + " has no motion, which others have");
    }
    copy_motion(triple.motion, packed, i);
  }
  return packed;
}

}  // namespace

PackedTriples pack(std::span<const Triple> triples) {
  const auto count = std::ssize(triples);
  PackedTriples packed;
  packed.rest = torch::empty({count, kImageSize, kImageSize, 4}, torch::kUInt8);
  packed.posed = torch::empty_like(packed.rest);
  packed.poses = torch::empty({count, kPoseSize});
  for (std::int64_t i = 0; i < count; ++i) {
    const Triple& triple = triples[static_cast<std::size_t>(i)];
    copy_picture(triple.rest, packed.rest[i], triple);
    copy_picture(triple.posed, packed.posed[i], triple);
    std::copy(triple.pose.begin(), triple.pose.end(), packed.poses.data_ptr<float>() + i * kPoseSize);
  }
  packed.motion = pack_motion(triples);
  return packed;
}

std::vector<at::Tensor> tensors_of(const PackedTriples& triples) {
  std::vector<at::Tensor> tensors = {triples.rest, triples.posed, triples.poses};
  if (triples.motion.is_known()) {
    tensors.push_back(triples.motion.flow);
    tensors.push_back(triples.motion.surface);
  }
  return tensors;
}

PackedTriples packed_triples(const std::vector<at::Tensor>& tensors) {
  PackedTriples triples{.rest = tensors[0], .posed = tensors[1], .poses = tensors[2]};
  if (tensors.size() > 3) triples.motion = {.flow = tensors[3], .surface = tensors[4]};
  return triples;
}

TripleBatch unpack(const PackedTriples& packed, c10::Device device) {
  const auto moved = [&](const at::Tensor& tensor) { return tensor.to(device, /*non_blocking=*/true); };
  return {.rest = to_image_tensors(moved(packed.rest)),
          .posed = to_image_tensors(moved(packed.posed)),
          .poses = moved(packed.poses),
          .motion = unpack(packed.motion, device)};
}

PackedTriples seen(const PackedTriples& packed, const PictureView& view, c10::Device device) {
  const Region& region = view.region;
  const auto part = [&](const at::Tensor& pictures) {
    const at::Tensor cropped = pictures.to(device, /*non_blocking=*/true)
                                   .narrow(1, region.y, region.height)
                                   .narrow(2, region.x, region.width);
    if (!view.halved) return cropped;
    return to_bytes(torch::upsample_bilinear2d(to_image_tensors(cropped), {view.size(), view.size()},
                                               /*align_corners=*/false));
  };
  return {.rest = part(packed.rest),
          .posed = part(packed.posed),
          .poses = packed.poses.to(device, /*non_blocking=*/true),
          .motion = pack(seen(unpack(packed.motion, device), view))};
}

}  // namespace tha4
