#include "tha4/data/picture_view.h"

#include <algorithm>

#include "motion_view.h"
#include <torch/types.h>

#include "tha4/image/compositing.h"

namespace tha4 {

PictureView with_margin(const PictureView& view, int margin) {
  const Region& region = view.region;
  const int possible = std::min({margin, region.x, region.y, kImageSize - region.x - region.width,
                                 kImageSize - region.y - region.height});
  const int size = region.width + 2 * possible;
  return {.region = {region.x - possible, region.y - possible, size, size}, .halved = view.halved};
}

TripleBatch seen(const TripleBatch& batch, const PictureView& view) {
  const auto part = [&](const at::Tensor& images) {
    const at::Tensor region = view.region == PictureView{}.region ? images : crop(images, view.region);
    return view.halved ? torch::upsample_bilinear2d(region, {region.size(2) / 2, region.size(3) / 2},
                                                    /*align_corners=*/false)
                       : region;
  };
  return {.rest = part(batch.rest),
          .posed = part(batch.posed),
          .poses = batch.poses,
          .motion = seen(batch.motion, view)};
}

}  // namespace tha4
