#include "motion_view.h"

#include <torch/types.h>

#include "tha4/image/compositing.h"

namespace tha4 {
namespace {

std::uint8_t number_of(SurfaceState state) {
  return static_cast<std::uint8_t>(state);
}

}  // namespace

Motion unpack(const PackedMotion& packed, c10::Device device) {
  if (!packed.is_known()) return {};
  const at::Tensor surface = packed.surface.to(device, /*non_blocking=*/true).unsqueeze(1);
  const auto where = [&](SurfaceState state) { return (surface == number_of(state)).to(torch::kFloat); };
  return {.flow = packed.flow.to(device, /*non_blocking=*/true).to(torch::kFloat).permute({0, 3, 1, 2}),
          .visible = where(SurfaceState::visible),
          .hidden = where(SurfaceState::hidden)};
}

PackedMotion pack(const Motion& motion) {
  if (!motion.is_known()) return {};
  const at::Tensor surface =
      motion.visible * number_of(SurfaceState::visible) + motion.hidden * number_of(SurfaceState::hidden);
  return {.flow = motion.flow.permute({0, 2, 3, 1}).to(torch::kHalf),
          .surface = surface.squeeze(1).to(torch::kUInt8)};
}

Motion seen(const Motion& motion, const PictureView& view) {
  if (!motion.is_known() || view == PictureView{}) return motion;
  const bool is_cropped = view.region != PictureView{}.region;
  const auto part = [&](const at::Tensor& values) {
    const at::Tensor region = is_cropped ? crop(values, view.region) : values;
    return view.halved ? torch::avg_pool2d(region, {2, 2}) : region;
  };
  const auto all_of = [&](const at::Tensor& mask) { return (part(mask) == 1).to(torch::kFloat); };
  return {.flow = part(motion.flow) * (static_cast<double>(kImageSize) / view.region.width),
          .visible = all_of(motion.visible),
          .hidden = all_of(motion.hidden)};
}

}  // namespace tha4
