#include "tha4/data/triple.h"

#include <vector>

#include <torch/types.h>

#include "tha4/base/error.h"
#include "tha4/image/color.h"
#include "tha4/image/region.h"

namespace tha4 {
namespace {

at::Tensor image_tensor(const RgbaImage& image, const Triple& triple) {
  if (image.width != kImageSize || image.height != kImageSize) {
    throw Error("the sample " + triple.key + " has a picture that is not 512x512");
  }
  return to_image_tensor(image);
}

}  // namespace

TripleBatch to_batch(std::span<const Triple> triples) {
  if (triples.empty()) throw Error("a batch needs at least one triple");
  const auto count = static_cast<std::int64_t>(triples.size());
  TripleBatch batch;
  batch.rest = torch::empty({count, 4, kImageSize, kImageSize});
  batch.posed = torch::empty_like(batch.rest);
  batch.poses = torch::empty({count, kPoseSize});
  for (std::int64_t i = 0; i < count; ++i) {
    const Triple& triple = triples[static_cast<std::size_t>(i)];
    batch.rest[i].copy_(image_tensor(triple.rest, triple));
    batch.posed[i].copy_(image_tensor(triple.posed, triple));
    std::copy(triple.pose.begin(), triple.pose.end(), batch.poses.data_ptr<float>() + i * kPoseSize);
  }
  return batch;
}

}  // namespace tha4
